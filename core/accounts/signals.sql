-- What does each account show of its health, but for what it spent?
-- In:  $accounts: name of a table; $as_of: the day that counts as today, NULL where there is none; then nothing has an
--      age.
-- Out: one row per account (`row` tells it), in the order of the table; amounts in units of the currency; everything may
--      be missing.
-- Columns: row, engagement, contacts, executives, pipeline, revenue, target, threat, days_inactive, days_to_renewal,
--          prospect, adoption
WITH today AS (SELECT CAST($as_of AS DATE) AS day)
SELECT
    a.row,
    CAST(a.engagement_score AS DOUBLE) AS engagement,
    CAST(a.contacts_engaged AS DOUBLE) AS contacts,
    CAST(a.executive_contacts AS DOUBLE) AS executives,
    CAST(a.pipeline AS DOUBLE) AS pipeline,
    CAST(a.annual_revenue AS DOUBLE) AS revenue,
    CAST(a.revenue_target AS DOUBLE) AS target,
    CAST(CASE a.competitive_threat WHEN 'none' THEN 0 WHEN 'present' THEN 1 WHEN 'active' THEN 2 END AS DOUBLE) AS threat,
    CAST(t.day - a.last_activity_date AS DOUBLE) AS days_inactive,
    CAST(a.renewal_date - t.day AS DOUBLE) AS days_to_renewal,
    CAST(a.lifecycle = 'prospect' OR (a.lifecycle IS NULL AND a.annual_revenue = 0) AS DOUBLE) AS prospect,
    CAST(a.adoption AS DOUBLE) AS adoption
FROM query_table($accounts) AS a
CROSS JOIN today AS t
