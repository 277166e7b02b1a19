-- What are a few accounts called?
-- In:  $accounts: name of a table; the registered table `chosen`: row, place (the order they were asked in).
-- Out: one row per chosen account, in the order asked. Columns: row, account_id, name
SELECT
    a.row,
    a.account_id,
    a.name
FROM chosen AS c
JOIN query_table($accounts) AS a ON a.row = c.row
ORDER BY c.place
