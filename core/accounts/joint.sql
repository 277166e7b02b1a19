-- Which pairs of profiles do accounts have in two listings of one book, and what has each pair?
-- In:  $before, $after: names of the listings' tables; health is that of the second.
-- Out: one row per pair of profiles that an account has; revenue in cents, credits left out.
-- Columns: before, after, accounts, revenue, accounts_0, accounts_1, accounts_2, accounts_3, revenue_0, revenue_1,
--          revenue_2, revenue_3
WITH pairs AS (
    SELECT
        b.profile AS before,
        a.profile AS after,
        a.status,
        CASE WHEN a.cents > 0 THEN a.cents ELSE 0 END AS revenue
    FROM query_table($before) AS b
    JOIN query_table($after) AS a ON a.row = b.row
)
SELECT
    before,
    after,
    count(*) AS accounts,
    CAST(sum(revenue) AS BIGINT) AS revenue,
    count(*) FILTER (WHERE status = 0) AS accounts_0,
    count(*) FILTER (WHERE status = 1) AS accounts_1,
    count(*) FILTER (WHERE status = 2) AS accounts_2,
    count(*) FILTER (WHERE status = 3) AS accounts_3,
    CAST(sum(CASE WHEN status = 0 THEN revenue ELSE 0 END) AS BIGINT) AS revenue_0,
    CAST(sum(CASE WHEN status = 1 THEN revenue ELSE 0 END) AS BIGINT) AS revenue_1,
    CAST(sum(CASE WHEN status = 2 THEN revenue ELSE 0 END) AS BIGINT) AS revenue_2,
    CAST(sum(CASE WHEN status = 3 THEN revenue ELSE 0 END) AS BIGINT) AS revenue_3
FROM pairs
GROUP BY before, after
ORDER BY before, after
