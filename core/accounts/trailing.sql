-- What did each listed account pay in the twelve months up to a day's month?
-- In:  $profiled, $accounts, $history: names of tables; $until: a day in the last of the twelve
--      months, which are added up whole.
-- Out: one row per account with revenue in that time. Columns: cents
SELECT CAST(sum(h.amount) * 100 AS BIGINT) AS cents
FROM query_table($profiled) AS p
JOIN query_table($accounts) AS a ON a.row = p.row
JOIN query_table($history) AS h ON h.account_id = a.account_id
WHERE last_day(h.period) > last_day(CAST($until AS DATE) - INTERVAL 12 MONTH)
  AND last_day(h.period) <= last_day(CAST($until AS DATE))
GROUP BY a.row
