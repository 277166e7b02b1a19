-- What does each account show of its health?
-- In:  $accounts, $history: names of tables; $as_of: the day that counts as today, NULL where there is none; $reaches:
--      whether the history is old enough to know what was spent before.
-- Out: one row per account, in no order (`row` tells it); amounts in units of the currency; everything may be missing.
--      Spending is added up by whole months: now is the month of $as_of and the eleven before it, before is the twelve
--      before those. Where the history of the book begins after the first quarter of those earlier twelve months,
--      spent_before is missing: a history that is too short is no growth. Without $as_of nothing has an age and nothing
--      was spent.
-- Columns: row, engagement, contacts, executives, pipeline, revenue, target, threat, days_inactive, days_to_renewal,
--          spent_before, spent_now, prospect, adoption
WITH today AS (
    SELECT
        CAST($as_of AS DATE) AS day,
        last_day(day) AS this_month,
        last_day(day - INTERVAL 12 MONTH) AS a_year_ago,
        last_day(day - INTERVAL 24 MONTH) AS two_years_ago
),
spent AS (
    SELECT
        h.account_id,
        sum(CASE
            WHEN last_day(h.period) > t.a_year_ago AND last_day(h.period) <= t.this_month THEN h.amount
            ELSE 0
        END) AS now,
        sum(CASE
            WHEN last_day(h.period) > t.two_years_ago AND last_day(h.period) <= t.a_year_ago THEN h.amount
            ELSE 0
        END) AS before
    FROM query_table($history) AS h
    JOIN today AS t ON t.day IS NOT NULL
    GROUP BY h.account_id
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
    CAST(t.day - a.last_activity_date AS DOUBLE) AS days_inactive,
    CAST(a.renewal_date - t.day AS DOUBLE) AS days_to_renewal,
    CASE WHEN $reaches THEN CAST(s.before AS DOUBLE) END AS spent_before,
    CAST(s.now AS DOUBLE) AS spent_now,
    a.lifecycle = 'prospect' OR (a.lifecycle IS NULL AND a.annual_revenue = 0) AS prospect,
    CAST(a.adoption AS DOUBLE) AS adoption
FROM query_table($accounts) AS a
CROSS JOIN today AS t
LEFT JOIN spent AS s ON s.account_id = a.account_id
