-- What did a few accounts pay, period by period?
-- In:  $history: name of a table; the registered table `few_accounts`: account_id and other columns.
-- Out: one row per recorded amount, oldest first. Columns: account_id, period, amount
SELECT
    h.account_id,
    h.period,
    h.amount
FROM query_table($history) AS h
SEMI JOIN few_accounts AS f ON f.account_id = h.account_id
ORDER BY h.account_id, h.period
