-- Touches with a person up to the as-of date. One row per contact.
SELECT
    i.contact_id AS contact_id,
    MAX(i.at) AS last_at,
    COUNT(CASE WHEN i.direction = 'give' AND CAST(i.at AS DATE) > :gives_after THEN 1 END) AS gives_90d
FROM interactions AS i
WHERE i.contact_id IS NOT NULL AND CAST(i.at AS DATE) <= :as_of
GROUP BY i.contact_id
