-- Touches after the sale per month, by what started them and what is known of them. One row per month.
-- Marketing touches and views of content reach strangers too and are left out.
WITH first_milestones AS (
    SELECT m.account_id AS account_id, MIN(m.reached_on) AS first_on
    FROM milestones AS m
    GROUP BY m.account_id
)
SELECT
    c.month AS month,
    COUNT(*) AS post_sale_touches,
    COUNT(CASE WHEN f.first_on <= c.day THEN 1 END) AS resolved_touches,
    COUNT(CASE WHEN i.kind = 'send' THEN 1 END) AS sends,
    COUNT(CASE WHEN i.kind = 'send' AND i.started_by IN ('product_event', 'lifecycle_event') THEN 1 END) AS event_sends,
    COUNT(CASE WHEN i.kind = 'nudge' THEN 1 END) AS nudges,
    COUNT(CASE WHEN i.kind = 'nudge' AND i.started_by IN ('product_event', 'lifecycle_event') THEN 1 END) AS targeted_nudges
FROM interactions AS i
JOIN calendar AS c ON c.day = i.at_day
LEFT JOIN first_milestones AS f ON f.account_id = i.account_id
WHERE i.kind NOT IN ('marketing_touch', 'content_view') AND c.day <= :as_of
GROUP BY c.month
