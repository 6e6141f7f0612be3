-- Gives to a person up to the as-of date: their days, and how many count since a day. One row per contact, kind and day.
SELECT
    i.contact_id AS contact_id,
    i.kind AS kind,
    COUNT(CASE WHEN i.at_day > :gives_after THEN 1 END) AS gives,
    i.at_day AS last_on
FROM interactions AS i
WHERE i.contact_id IS NOT NULL AND i.direction = 'give' AND i.at_day <= :as_of
GROUP BY i.contact_id, i.kind, i.at_day
