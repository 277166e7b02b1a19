-- Which accounts have a parent, and which row of the book is it?
-- In:  $accounts: name of a table.
-- Out: one row per account with a parent_id; parent is NULL where no account of the book has that id.
-- Columns: row, parent_id, parent
SELECT
    a.row,
    a.parent_id,
    p.row AS parent
FROM query_table($accounts) AS a
LEFT JOIN query_table($accounts) AS p ON p.account_id = a.parent_id
WHERE a.parent_id IS NOT NULL AND trim(a.parent_id) <> ''
ORDER BY a.row
