-- Gives to a person up to the as-of date: their days, and how many count since a day. One row per contact, kind and day.
SELECT
    i.contact_id AS contact_id,
    i.kind AS kind,
    COUNT(CASE WHEN CAST(i.at AS DATE) > :gives_after THEN 1 END) AS gives,
    CAST(i.at AS DATE) AS last_on
FROM interactions AS i
WHERE i.contact_id IS NOT NULL AND i.direction = 'give' AND CAST(i.at AS DATE) <= :as_of
GROUP BY i.contact_id, i.kind, CAST(i.at AS DATE)
