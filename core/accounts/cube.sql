-- How many accounts, and how much of what adds up, has each profile?
-- In:  the relation `keyed`: the accounts with `key`, their profile's number, `status`, their health (0 healthy, 1 at
--      risk, 2 critical, 3 not known), `health_score`, `engagement_score`, and cents, potential and pipeline in cents.
-- Out: one row per profile; money in cents, scores in hundredths; revenue counts amounts above 0, credits those below.
-- Columns: key, accounts, counted, revenue, potential, pipeline, credits, credit_amount, squared_high, squared_low,
--          revenue_log, health_known, health_sum, engagement_known, engagement_sum, accounts_0, accounts_1, accounts_2,
--          accounts_3, revenue_0, revenue_1, revenue_2, revenue_3
WITH amounts AS (
    SELECT
        key,
        status,
        cents,
        CASE WHEN cents > 0 THEN cents ELSE 0 END AS revenue,
        potential,
        pipeline,
        CAST(round(health_score * 100) AS BIGINT) AS health_score,
        CAST(round(engagement_score * 100) AS BIGINT) AS engagement
    FROM keyed
),
profiles AS (
    SELECT
        key,
        count(*) AS accounts,
        count(*) FILTER (WHERE cents > 0) AS counted,
        sum(revenue) AS revenue,
        sum(potential) AS potential,
        sum(pipeline) AS pipeline,
        count(*) FILTER (WHERE cents < 0) AS credits,
        sum(CASE WHEN cents < 0 THEN cents ELSE 0 END) AS credit_amount,
        sum(CAST(revenue AS HUGEINT) * revenue) AS squared,
        sum(CASE WHEN revenue > 0 THEN revenue * ln(revenue) ELSE 0 END) AS revenue_log,
        count(health_score) AS health_known,
        sum(health_score) AS health_sum,
        count(engagement) AS engagement_known,
        sum(engagement) AS engagement_sum,
        count(*) FILTER (WHERE status = 0) AS accounts_0,
        count(*) FILTER (WHERE status = 1) AS accounts_1,
        count(*) FILTER (WHERE status = 2) AS accounts_2,
        count(*) FILTER (WHERE status = 3) AS accounts_3,
        sum(CASE WHEN status = 0 THEN revenue ELSE 0 END) AS revenue_0,
        sum(CASE WHEN status = 1 THEN revenue ELSE 0 END) AS revenue_1,
        sum(CASE WHEN status = 2 THEN revenue ELSE 0 END) AS revenue_2,
        sum(CASE WHEN status = 3 THEN revenue ELSE 0 END) AS revenue_3
    FROM amounts
    GROUP BY key
)
SELECT
    key,
    accounts,
    counted,
    CAST(coalesce(revenue, 0) AS BIGINT) AS revenue,
    CAST(coalesce(potential, 0) AS BIGINT) AS potential,
    CAST(coalesce(pipeline, 0) AS BIGINT) AS pipeline,
    credits,
    CAST(coalesce(credit_amount, 0) AS BIGINT) AS credit_amount,
    -- A sum of squared cents needs 128 bits; it leaves in two halves of 62.
    CAST(coalesce(squared, 0) // 4611686018427387904 AS BIGINT) AS squared_high,
    CAST(coalesce(squared, 0) % 4611686018427387904 AS BIGINT) AS squared_low,
    revenue_log,
    health_known,
    CAST(coalesce(health_sum, 0) AS BIGINT) AS health_sum,
    engagement_known,
    CAST(coalesce(engagement_sum, 0) AS BIGINT) AS engagement_sum,
    accounts_0,
    accounts_1,
    accounts_2,
    accounts_3,
    CAST(revenue_0 AS BIGINT) AS revenue_0,
    CAST(revenue_1 AS BIGINT) AS revenue_1,
    CAST(revenue_2 AS BIGINT) AS revenue_2,
    CAST(revenue_3 AS BIGINT) AS revenue_3
FROM profiles
ORDER BY key
