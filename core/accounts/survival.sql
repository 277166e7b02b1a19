-- Who paid in the year before a day, and who has stopped paying by a year later?
-- In:  $history: name of a table; $split: the day between the two years.
-- Out: one row per account that paid in the twelve months up to the split's month. before is what it paid in the twelve
--      months before those; now what it paid in them; after what it paid in the last three of the twelve that follow.
-- Columns: account_id, before, now, after
WITH day AS (
    SELECT
        last_day(CAST($split AS DATE)) AS split,
        last_day(split - INTERVAL 12 MONTH) AS year_before,
        last_day(split - INTERVAL 24 MONTH) AS two_years_before,
        last_day(split + INTERVAL 9 MONTH) AS last_quarter,
        last_day(split + INTERVAL 12 MONTH) AS year_after
)
SELECT
    h.account_id,
    CAST(coalesce(sum(h.amount) FILTER (
        WHERE last_day(h.period) > d.two_years_before AND last_day(h.period) <= d.year_before
    ), 0) AS DOUBLE) AS before,
    CAST(coalesce(sum(h.amount) FILTER (
        WHERE last_day(h.period) > d.year_before AND last_day(h.period) <= d.split
    ), 0) AS DOUBLE) AS now,
    CAST(coalesce(sum(h.amount) FILTER (
        WHERE last_day(h.period) > d.last_quarter AND last_day(h.period) <= d.year_after
    ), 0) AS DOUBLE) AS after
FROM query_table($history) AS h
CROSS JOIN day AS d
GROUP BY h.account_id
HAVING now > 0
ORDER BY h.account_id
