-- Planned executive reviews by the month they were planned for and the month they were held in.
-- In time: no more days late than :late_days. One row per pair of months.
SELECT
    p.month AS planned_month,
    h.month AS held_month,
    COUNT(*) AS planned_reviews,
    COUNT(CASE WHEN h.day_no - p.day_no <= :late_days AND i.value_stated THEN 1 END) AS held_reviews
FROM interactions AS i
JOIN calendar AS p ON p.day = i.planned_on
JOIN calendar AS h ON h.day = i.at_day
WHERE i.kind = 'review' AND h.day <= :as_of
GROUP BY p.month, h.month
