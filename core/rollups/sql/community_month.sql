-- Identified people in the community: the first day of each month they were seen, and what they did in its last
-- days. An act is a touch of kind community; other touches in that channel are looking on. One row per contact and month.
SELECT
    i.contact_id AS contact_id,
    c.month AS month,
    MIN(c.day) AS seen_on,
    COUNT(CASE WHEN i.kind = 'community' AND e.day_no - c.day_no < :days THEN 1 END) AS acts,
    COUNT(CASE WHEN e.day_no - c.day_no < :days THEN 1 END) AS touches
FROM interactions AS i
JOIN calendar AS c ON c.day = i.at_day
JOIN calendar AS e ON e.day = c.month_end
WHERE i.contact_id IS NOT NULL AND (i.kind = 'community' OR i.channel = 'community') AND c.day <= :as_of
GROUP BY i.contact_id, c.month
