-- The person who brought each account, as the newest version known on the as-of date says. One row per account.
WITH versions AS (
    SELECT
        a.account_id AS account_id,
        a.referrer_contact_id AS referrer_contact_id,
        ROW_NUMBER() OVER (
            PARTITION BY a.account_id ORDER BY COALESCE(a.valid_from, :beginning) DESC
        ) AS newest
    FROM accounts AS a
    WHERE COALESCE(a.valid_from, :beginning) <= :as_of
)
SELECT v.account_id AS account_id, v.referrer_contact_id AS referrer_contact_id
FROM versions AS v
WHERE v.newest = 1 AND v.referrer_contact_id IS NOT NULL
