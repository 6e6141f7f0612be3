-- People at customers in the version valid on the as-of date; one who leaves later is still there.
WITH versions AS (
    SELECT
        c.contact_id AS contact_id,
        c.account_id AS account_id,
        c.persona AS persona,
        c.joined_on AS joined_on,
        CASE WHEN c.left_on <= :as_of THEN c.left_on END AS left_on,
        ROW_NUMBER() OVER (
            PARTITION BY c.contact_id ORDER BY COALESCE(c.valid_from, :beginning) DESC
        ) AS newest
    FROM contacts AS c
    WHERE COALESCE(c.joined_on, :beginning) <= :as_of AND COALESCE(c.valid_from, :beginning) <= :as_of
)
SELECT
    v.contact_id AS contact_id,
    v.account_id AS account_id,
    v.persona AS persona,
    v.joined_on AS joined_on,
    v.left_on AS left_on
FROM versions AS v
WHERE v.newest = 1
