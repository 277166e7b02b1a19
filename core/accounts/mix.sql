-- Of which kind are the accounts that move, and which groups win and lose them?
-- In:  $profiled, $accounts: names of tables; the registered table `by_profile`: profile, moved, enters, leaves.
-- Out: one row per lifecycle, owner, region and industry with an account that moves; money in cents, credits left out.
--      kind says by which of them a row is grouped: 0 lifecycle, 1 owner, 2 region, 3 industry; name is NULL where the
--      account has none.
-- Columns: kind, name, moved, moved_revenue, entering, entering_revenue, leaving, leaving_revenue
WITH movers AS (
    SELECT
        a.lifecycle,
        a.owner,
        a.region,
        a.industry,
        CASE WHEN p.cents > 0 THEN p.cents ELSE 0 END AS revenue,
        v.enters,
        v.leaves
    FROM query_table($profiled) AS p
    JOIN by_profile AS v ON v.profile = p.profile AND v.moved
    JOIN query_table($accounts) AS a ON a.row = p.row
),
-- The accounts are grouped once, by all four; the four groupings then have a few thousand rows to read.
combinations AS (
    SELECT
        lifecycle,
        owner,
        region,
        industry,
        count(*) AS moved,
        sum(revenue) AS moved_revenue,
        count(*) FILTER (WHERE enters) AS entering,
        coalesce(sum(revenue) FILTER (WHERE enters), 0) AS entering_revenue,
        count(*) FILTER (WHERE leaves) AS leaving,
        coalesce(sum(revenue) FILTER (WHERE leaves), 0) AS leaving_revenue
    FROM movers
    GROUP BY lifecycle, owner, region, industry
)
SELECT
    CASE
        WHEN grouping(lifecycle) = 0 THEN 0
        WHEN grouping(owner) = 0 THEN 1
        WHEN grouping(region) = 0 THEN 2
        ELSE 3
    END AS kind,
    coalesce(lifecycle, owner, region, industry) AS name,
    CAST(sum(moved) AS BIGINT) AS moved,
    CAST(sum(moved_revenue) AS BIGINT) AS moved_revenue,
    CAST(sum(entering) AS BIGINT) AS entering,
    CAST(sum(entering_revenue) AS BIGINT) AS entering_revenue,
    CAST(sum(leaving) AS BIGINT) AS leaving,
    CAST(sum(leaving_revenue) AS BIGINT) AS leaving_revenue
FROM combinations
GROUP BY GROUPING SETS ((lifecycle), (owner), (region), (industry))
