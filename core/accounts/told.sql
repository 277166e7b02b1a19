-- What loss does the book itself expect, and of how much revenue does it say nothing?
-- In:  $profiled, $accounts: names of tables. A probability of loss is taken in millionths, so that the sum is exact.
-- Out: one row per health status (0 healthy, 1 at risk, 2 critical, 3 not known) that occurs; revenue counts amounts
--      above 0, in cents; loss is revenue times probability, in cents and their fractions.
-- Columns: status, accounts, told, loss, untold_revenue
SELECT
    p.status,
    count(*) AS accounts,
    count(a.churn_probability) AS told,
    CAST(
        coalesce(sum(CAST(greatest(p.cents, 0) AS HUGEINT) * CAST(round(1e6 * a.churn_probability) AS BIGINT)), 0)
        AS DOUBLE
    ) / 1e6 AS loss,
    CAST(
        coalesce(sum(greatest(p.cents, 0)) FILTER (WHERE a.churn_probability IS NULL), 0) AS BIGINT
    ) AS untold_revenue
FROM query_table($profiled) AS p
JOIN query_table($accounts) AS a ON a.row = p.row
GROUP BY p.status
ORDER BY p.status
