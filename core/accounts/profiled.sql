-- The accounts with what their profile decides, without what the file says of them: all that many questions need.
-- In:  $profiled: name of a table; the registered table `by_profile`: profile, tier and other columns.
-- Out: one row per account that passed the filters, in no order.
-- Columns: row, profile, status, health_score, cents, then those of `by_profile`
SELECT
    p.*,
    v.* EXCLUDE (profile)
FROM query_table($profiled) AS p
JOIN by_profile AS v ON v.profile = p.profile
