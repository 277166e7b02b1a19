-- Everything the file says of a few accounts.
-- In:  $accounts: name of a table; the registered table `chosen`: row.
-- Out: one row per chosen account, in no order. Columns: row, then those of the accounts
SELECT
    a.row,
    a.* EXCLUDE (row)
FROM query_table($accounts) AS a
SEMI JOIN chosen AS c ON c.row = a.row
