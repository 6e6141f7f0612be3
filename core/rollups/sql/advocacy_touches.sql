-- Days on which a person, or an account where nobody is named, was recognised or asked by a touch.
-- One row per account, contact, day and direction.
SELECT DISTINCT
    i.account_id AS account_id,
    i.contact_id AS contact_id,
    i.at_day AS day,
    CASE WHEN i.direction = 'ask' THEN 1 ELSE 0 END AS is_ask
FROM interactions AS i
WHERE (i.kind = 'recognition' OR i.direction = 'ask') AND i.account_id IS NOT NULL AND i.at_day <= :as_of
