-- Finance's own recognised revenue of the whole company. One row per month.
SELECT f.month AS month, f.revenue_cents AS revenue_cents
FROM finance_totals AS f
WHERE f.account_id IS NULL AND f.month <= :as_of
