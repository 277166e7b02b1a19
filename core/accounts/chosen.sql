-- Everything there is to say of a few accounts.
-- In:  $profiled, $accounts: names of tables; the registered tables `chosen`: row, and `by_profile`: profile, tier and
--      other columns.
-- Out: one row per chosen account, in no order.
-- Columns: those of `listed.sql`
SELECT
    p.*,
    v.* EXCLUDE (profile),
    a.* EXCLUDE (row)
FROM chosen AS c
JOIN query_table($profiled) AS p ON p.row = c.row
JOIN by_profile AS v ON v.profile = p.profile
JOIN query_table($accounts) AS a ON a.row = c.row
