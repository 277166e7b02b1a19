-- The accounts as a person would list them, with what their profile decides.
-- In:  $profiled, $accounts: names of tables; the registered table `by_profile`: profile, tier and other columns.
-- Out: one row per account that passed the filters, in no order.
-- Columns: row, profile, status, health_score, cents, then those of `by_profile`, then those of the accounts
SELECT
    p.*,
    v.* EXCLUDE (profile),
    a.* EXCLUDE (row)
FROM query_table($profiled) AS p
JOIN by_profile AS v ON v.profile = p.profile
JOIN query_table($accounts) AS a ON a.row = p.row
