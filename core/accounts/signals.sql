-- What does each account show of its health?
-- In:  $accounts, $history: names of tables; $as_of: the day that counts as today.
-- Out: one row per account in row order; amounts in units of the currency; everything may be missing.
-- Columns: row, engagement, contacts, executives, pipeline, revenue, target, threat, days_inactive, days_to_renewal,
--          spent_before, spent_now, prospect
WITH spent AS (
    SELECT
        account_id,
        sum(CASE WHEN period > $as_of - INTERVAL 12 MONTH AND period <= $as_of THEN amount ELSE 0 END) AS now,
        sum(CASE
            WHEN period > $as_of - INTERVAL 24 MONTH AND period <= $as_of - INTERVAL 12 MONTH THEN amount
            ELSE 0
        END) AS before
    FROM query_table($history)
    GROUP BY account_id
)
SELECT
    a.row,
    CAST(a.engagement_score AS DOUBLE) AS engagement,
    CAST(a.contacts_engaged AS DOUBLE) AS contacts,
    CAST(a.executive_contacts AS DOUBLE) AS executives,
    CAST(a.pipeline AS DOUBLE) AS pipeline,
    CAST(a.annual_revenue AS DOUBLE) AS revenue,
    CAST(a.revenue_target AS DOUBLE) AS target,
    CAST(CASE a.competitive_threat WHEN 'none' THEN 0 WHEN 'present' THEN 1 WHEN 'active' THEN 2 END AS DOUBLE) AS threat,
    CAST($as_of - a.last_activity_date AS DOUBLE) AS days_inactive,
    CAST(a.renewal_date - $as_of AS DOUBLE) AS days_to_renewal,
    CAST(s.before AS DOUBLE) AS spent_before,
    CAST(s.now AS DOUBLE) AS spent_now,
    a.lifecycle = 'prospect' OR (a.lifecycle IS NULL AND a.annual_revenue = 0) AS prospect
FROM query_table($accounts) AS a
LEFT JOIN spent AS s ON s.account_id = a.account_id
ORDER BY a.row
