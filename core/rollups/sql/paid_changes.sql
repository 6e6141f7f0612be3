-- Days on which the number of paid subscriptions of an account changes, and by how many. A renewal on the day the
-- terms before it end is no change. Trials count nowhere. One row per account and day.
WITH steps AS (
    SELECT s.account_id AS account_id, s.start_date AS day, 1 AS step
    FROM subscriptions AS s
    WHERE s.is_trial = false AND s.mrr_cents > 0 AND s.start_date <= :as_of
    UNION ALL
    SELECT s.account_id AS account_id, s.end_date AS day, -1 AS step
    FROM subscriptions AS s
    WHERE s.is_trial = false AND s.mrr_cents > 0 AND s.start_date <= :as_of AND s.end_date <= :as_of
),
days AS (
    SELECT p.account_id AS account_id, p.day AS day, CAST(SUM(p.step) AS BIGINT) AS change
    FROM steps AS p
    GROUP BY p.account_id, p.day
)
SELECT d.account_id AS account_id, d.day AS day, d.change AS change
FROM days AS d
WHERE d.change <> 0
