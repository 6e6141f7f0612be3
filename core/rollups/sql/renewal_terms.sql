-- Renewals decided by the as-of date whose subscription is named, beside what that subscription and its whole account
-- pay from the due day on, in the same currency. One row per renewal.
SELECT
    r.renewal_id AS renewal_id,
    r.account_id AS account_id,
    r.subscription_id AS subscription_id,
    r.due_on AS due_on,
    r.closed_on AS closed_on,
    r.currency AS currency,
    MAX(COALESCE(r.mrr_renewed_cents, 0)) AS renewed_cents,
    CAST(SUM(CASE WHEN s.subscription_id = r.subscription_id THEN s.mrr_cents ELSE 0 END) AS BIGINT) AS subscription_cents,
    CAST(SUM(COALESCE(s.mrr_cents, 0)) AS BIGINT) AS account_cents
FROM renewals AS r
LEFT JOIN subscriptions AS s
    ON s.account_id = r.account_id
    AND s.currency = r.currency
    AND s.is_trial = false
    AND s.start_date <= r.due_on
    AND (s.end_date IS NULL OR s.end_date > r.due_on)
WHERE r.subscription_id IS NOT NULL AND r.closed_on <= :as_of AND r.due_on <= :as_of
GROUP BY r.renewal_id, r.account_id, r.subscription_id, r.due_on, r.closed_on, r.currency
