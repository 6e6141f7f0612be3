-- MRR per account, currency and month end. One row per account, month and currency with revenue.
-- Active on day d if start_date <= d < end_date, so from the month of the start until before that of the end; trials
-- count nowhere. Periods of one subscription share no day, so rows are subscriptions. Sums are made once for each
-- stretch of months between two changes of an account: grouping every month costs four times as much at a million.
WITH paid AS (
    SELECT
        s.account_id AS account_id,
        s.currency AS currency,
        s.mrr_cents AS mrr_cents,
        COALESCE(b.month, :first_month) AS from_month,
        CASE WHEN s.end_date <= :as_of THEN e.month END AS until_month
    FROM subscriptions AS s
    LEFT JOIN calendar AS b ON b.day = s.start_date
    LEFT JOIN calendar AS e ON e.day = s.end_date
    WHERE s.is_trial = false AND s.mrr_cents > 0 AND s.start_date <= :as_of
        AND (s.end_date IS NULL OR s.end_date > :as_of OR e.day IS NOT NULL)
),
changes AS (
    SELECT p.account_id AS account_id, p.currency AS currency, p.from_month AS month FROM paid AS p
    UNION ALL
    SELECT p.account_id AS account_id, p.currency AS currency, p.until_month AS month
    FROM paid AS p
    WHERE p.until_month IS NOT NULL
),
stretches AS (
    SELECT
        d.account_id AS account_id,
        d.currency AS currency,
        d.month AS from_month,
        LEAD(d.month) OVER (PARTITION BY d.account_id, d.currency ORDER BY d.month) AS next_month
    FROM (SELECT DISTINCT c.account_id AS account_id, c.currency AS currency, c.month AS month FROM changes AS c) AS d
),
levels AS (
    SELECT
        t.account_id AS account_id,
        t.currency AS currency,
        t.from_month AS from_month,
        MIN(t.next_month) AS until_month,
        CAST(SUM(p.mrr_cents) AS BIGINT) AS native_mrr_cents,
        COUNT(*) AS open_subscriptions
    FROM stretches AS t
    JOIN paid AS p ON p.account_id = t.account_id AND p.currency = t.currency
        AND p.from_month <= t.from_month AND (p.until_month IS NULL OR t.from_month < p.until_month)
    GROUP BY t.account_id, t.currency, t.from_month
)
SELECT
    l.account_id AS account_id,
    m.month AS month,
    l.currency AS currency,
    l.native_mrr_cents AS native_mrr_cents,
    l.open_subscriptions AS open_subscriptions
FROM levels AS l
JOIN (SELECT DISTINCT c.month AS month FROM calendar AS c WHERE c.day <= :as_of) AS m
    ON m.month >= l.from_month AND (l.until_month IS NULL OR m.month < l.until_month)
WHERE m.month >= :first_month
