-- Who pays for which product from when to when. One row per account, product and period of unchanged terms.
SELECT
    s.account_id AS account_id,
    s.product AS product,
    s.currency AS currency,
    s.start_date AS start_date,
    s.end_date AS end_date,
    CAST(SUM(s.quantity) AS BIGINT) AS seats,
    CAST(SUM(s.mrr_cents) AS BIGINT) AS native_mrr_cents
FROM subscriptions AS s
WHERE s.start_date <= :as_of AND s.is_trial = false AND s.mrr_cents > 0
GROUP BY s.account_id, s.product, s.currency, s.start_date, s.end_date
