-- What did each account of a book pay, and when?
-- In:  $accounts, $history: names of tables.
-- Out: one row per line of the revenue history whose account is in the book, in no order; month counts from year 0:
--      12 x year + month - 1.
-- Columns: month, row, cents
SELECT
    CAST(12 * year(h.period) + month(h.period) - 1 AS INTEGER) AS month,
    CAST(a.row AS INTEGER) AS row,
    CAST(h.amount * 100 AS BIGINT) AS cents
FROM query_table($history) AS h
JOIN query_table($accounts) AS a ON a.account_id = h.account_id
WHERE h.period IS NOT NULL AND h.amount IS NOT NULL
