-- What an account uses the product for and how many people it has, every version known on the as-of date.
-- One row per account and version.
SELECT
    a.account_id AS account_id,
    COALESCE(a.valid_from, :beginning) AS valid_from,
    a.use_case AS use_case,
    a.employees AS employees
FROM accounts AS a
WHERE COALESCE(a.valid_from, :beginning) <= :as_of
