-- The first month in which finance shows ARR of an account, and that ARR. One row per account.
WITH positive AS (
    SELECT
        f.account_id AS account_id,
        f.month AS month,
        f.arr_cents AS arr_cents,
        ROW_NUMBER() OVER (PARTITION BY f.account_id ORDER BY f.month) AS place
    FROM finance_totals AS f
    WHERE f.account_id IS NOT NULL AND f.arr_cents > 0 AND f.month <= :as_of
)
SELECT p.account_id AS account_id, p.month AS finance_month, p.arr_cents AS finance_arr_cents
FROM positive AS p
WHERE p.place = 1
