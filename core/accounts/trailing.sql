-- What did each listed account pay in the twelve months up to a day?
-- In:  $profiled, $accounts, $history: names of tables; $until: the last day of the twelve months.
-- Out: one row per account with revenue in that time. Columns: cents
SELECT CAST(sum(h.amount) * 100 AS BIGINT) AS cents
FROM query_table($profiled) AS p
JOIN query_table($accounts) AS a ON a.row = p.row
JOIN query_table($history) AS h ON h.account_id = a.account_id
WHERE h.period > $until - INTERVAL 12 MONTH AND h.period <= $until
GROUP BY a.row
