-- What did each account spend in the twelve months up to today, and in the twelve before?
-- In:  $accounts, $history: names of tables; $as_of: the day that counts as today; without one nothing was spent.
-- Out: one row per account of which the history says anything, in no order (`row` tells it); amounts in units of the
--      currency, added up by whole months: now is the month of $as_of and the eleven before it, before is the twelve
--      before those.
-- Columns: row, spent_before, spent_now
WITH today AS (
    SELECT
        CAST($as_of AS DATE) AS day,
        last_day(day) AS this_month,
        last_day(day - INTERVAL 12 MONTH) AS a_year_ago,
        last_day(day - INTERVAL 24 MONTH) AS two_years_ago
),
spent AS (
    SELECT
        h.account_id,
        sum(CASE
            WHEN last_day(h.period) > t.two_years_ago AND last_day(h.period) <= t.a_year_ago THEN h.amount
            ELSE 0
        END) AS before,
        sum(CASE
            WHEN last_day(h.period) > t.a_year_ago AND last_day(h.period) <= t.this_month THEN h.amount
            ELSE 0
        END) AS now
    FROM query_table($history) AS h
    JOIN today AS t ON t.day IS NOT NULL
    GROUP BY h.account_id
)
SELECT
    a.row,
    CAST(s.before AS DOUBLE) AS spent_before,
    CAST(s.now AS DOUBLE) AS spent_now
FROM query_table($accounts) AS a
JOIN spent AS s ON s.account_id = a.account_id
