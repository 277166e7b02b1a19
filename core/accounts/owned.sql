-- How much revenue is there, and how much of it is one owner's?
-- In:  $profiled, $accounts: names of tables; $owner: the owner, NULL where nobody owns the account.
-- Out: one row; revenue counts amounts above 0, in cents.
-- Columns: accounts, revenue, owner_accounts, owner_revenue
SELECT
    count(*) AS accounts,
    CAST(coalesce(sum(greatest(p.cents, 0)), 0) AS BIGINT) AS revenue,
    count(*) FILTER (WHERE a.owner = $owner) AS owner_accounts,
    CAST(coalesce(sum(greatest(p.cents, 0)) FILTER (WHERE a.owner = $owner), 0) AS BIGINT) AS owner_revenue
FROM query_table($profiled) AS p
JOIN query_table($accounts) AS a ON a.row = p.row
