-- Of how many accounts does the revenue history speak that are not in the book, and what did they pay?
-- In:  $accounts, $history: names of tables.
-- Out: one row; amounts in cents over the whole history. Columns: accounts, cents
SELECT
    count(DISTINCT h.account_id) AS accounts,
    CAST(coalesce(sum(h.amount), 0) * 100 AS BIGINT) AS cents
FROM query_table($history) AS h
ANTI JOIN query_table($accounts) AS a ON a.account_id = h.account_id
