-- The accounts with their health beside them.
-- In:  $accounts, $health: names of tables with one row per account, joined on `row`. (A positional join would do, but
--      runs on one thread.)
-- Out: every column of the accounts, then `status` (0 healthy, 1 at risk, 2 critical, 3 not known) and `health_score`.
SELECT *
FROM query_table($accounts)
JOIN query_table($health) USING (row)
