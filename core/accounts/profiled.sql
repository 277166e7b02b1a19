-- Which profile does each account have?
-- In:  the relation `keyed`; the registered table `profile_keys`: key, profile (its place in the cube).
-- Out: one row per account that passed the filters.
-- Columns: row, profile, status, health_score, cents
SELECT
    k.row,
    CAST(p.profile AS INTEGER) AS profile,
    k.status,
    k.health_score,
    CAST(k.annual_revenue * 100 AS BIGINT) AS cents
FROM keyed AS k
JOIN profile_keys AS p ON p.key = k.key
