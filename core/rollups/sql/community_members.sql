-- First day a known person took part in the community. One row per contact.
SELECT i.contact_id AS contact_id, CAST(MIN(i.at) AS DATE) AS first_on
FROM interactions AS i
WHERE i.kind = 'community' AND i.contact_id IS NOT NULL AND CAST(i.at AS DATE) <= :as_of
GROUP BY i.contact_id
