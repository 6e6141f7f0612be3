-- First day a known person took part in the community. One row per contact.
SELECT i.contact_id AS contact_id, MIN(i.at_day) AS first_on
FROM interactions AS i
WHERE i.kind = 'community' AND i.contact_id IS NOT NULL AND i.at_day <= :as_of
GROUP BY i.contact_id
