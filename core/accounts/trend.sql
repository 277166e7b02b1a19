-- What did a few accounts pay in each of the last eight quarters?
-- In:  the registered tables `few_accounts`: row, account_id and other columns, and `few_history`: account_id, period,
--      amount; $as_of: a day in the last of the quarters.
-- Out: one row per account and quarter in which anything is recorded; back counts quarters from the last one, 0.
-- Columns: row, back, amount
SELECT
    f.row,
    4 * year(CAST($as_of AS DATE)) + quarter(CAST($as_of AS DATE)) - 4 * year(h.period) - quarter(h.period) AS back,
    CAST(sum(h.amount) AS DOUBLE) AS amount
FROM few_accounts AS f
JOIN few_history AS h ON h.account_id = f.account_id
GROUP BY f.row, back
HAVING back BETWEEN 0 AND 7
ORDER BY f.row, back DESC
