-- Which pair of profiles does each account have?
-- In:  $before, $after: names of two listings' tables; the registered table `pairs`: before, after, pair (its number).
-- Out: one row per account: what the second listing says of it, with the pair's number for its profile.
-- Columns: row, profile, status, health_score, cents
SELECT
    a.row,
    CAST(p.pair AS INTEGER) AS profile,
    a.status,
    a.health_score,
    a.cents
FROM query_table($before) AS b
JOIN query_table($after) AS a ON a.row = b.row
JOIN pairs AS p ON p.before = b.profile AND p.after = a.profile
