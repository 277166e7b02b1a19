-- Which accounts belong to the same company?
-- In:  $profiled, $accounts: names of tables; $account_id: the account; $parent_id: its parent, NULL where it has none.
-- Out: one row per relative that passed the filters, most revenue first; kin is parent, sibling or child.
-- Columns: kin, account_id, name, owner, profile, status, cents
SELECT
    CASE
        WHEN a.account_id = $parent_id THEN 'parent'
        WHEN a.parent_id = $account_id THEN 'child'
        ELSE 'sibling'
    END AS kin,
    a.account_id,
    a.name,
    a.owner,
    p.profile,
    p.status,
    p.cents
FROM query_table($accounts) AS a
JOIN query_table($profiled) AS p ON p.row = a.row
WHERE a.account_id <> $account_id
    AND (a.account_id = $parent_id OR a.parent_id = $parent_id OR a.parent_id = $account_id)
ORDER BY p.cents DESC NULLS LAST, a.account_id
