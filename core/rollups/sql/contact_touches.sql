-- Gives to and answers of a person up to the as-of date; an ask alone is no contact. One row per contact.
SELECT
    i.contact_id AS contact_id,
    MAX(CASE WHEN i.direction <> 'ask' THEN i.at_day END) AS last_on,
    COUNT(CASE WHEN i.direction = 'give' AND i.at_day > :gives_after THEN 1 END) AS gives_90d
FROM interactions AS i
WHERE i.contact_id IS NOT NULL AND i.at_day <= :as_of
GROUP BY i.contact_id
