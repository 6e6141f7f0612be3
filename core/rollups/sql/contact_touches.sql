-- Gives to and answers of a person up to the as-of date; an ask alone is no contact. One row per contact.
SELECT
    i.contact_id AS contact_id,
    MAX(CASE WHEN i.direction <> 'ask' THEN i.at END) AS last_at,
    COUNT(CASE WHEN i.direction = 'give' AND CAST(i.at AS DATE) > :gives_after THEN 1 END) AS gives_90d
FROM interactions AS i
WHERE i.contact_id IS NOT NULL AND CAST(i.at AS DATE) <= :as_of
GROUP BY i.contact_id
