-- MRR per account, currency and month end. One row per account, month and currency with revenue.
-- Active on day d if start_date <= d < end_date; trials count nowhere.
WITH month_ends AS (
    SELECT c.month AS month, MAX(c.day) AS last_day
    FROM calendar AS c
    WHERE c.day <= :as_of
    GROUP BY c.month
)
SELECT
    s.account_id AS account_id,
    m.month AS month,
    s.currency AS currency,
    CAST(SUM(s.mrr_cents) AS BIGINT) AS native_mrr_cents,
    COUNT(DISTINCT s.subscription_id) AS open_subscriptions
FROM subscriptions AS s
JOIN month_ends AS m
    ON m.last_day >= s.start_date AND (s.end_date IS NULL OR m.last_day < s.end_date)
WHERE s.is_trial = false AND s.mrr_cents > 0 AND m.last_day <= :as_of AND m.month >= :first_month
GROUP BY s.account_id, m.month, s.currency
