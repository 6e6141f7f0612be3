-- Renewals that are due, with what the customer had said and the last play opened in time before each.
-- One row per renewal due by the as-of date.
WITH plays AS (
    SELECT i.account_id AS account_id, i.at_day AS day
    FROM interactions AS i
    WHERE i.kind = 'play_opened' AND i.account_id IS NOT NULL AND i.at_day <= :as_of
)
SELECT
    r.renewal_id AS renewal_id,
    r.account_id AS account_id,
    r.due_on AS due_on,
    r.stated_intent AS stated_intent,
    r.intent_on AS intent_on,
    MAX(CASE WHEN d.day_no - p.day_no >= :risk_days AND d.day_no - p.day_no <= :year_days THEN y.day END) AS play_on
FROM renewals AS r
JOIN calendar AS d ON d.day = r.due_on
LEFT JOIN plays AS y ON y.account_id = r.account_id AND y.day <= r.due_on
LEFT JOIN calendar AS p ON p.day = y.day
WHERE r.due_on <= :as_of
GROUP BY r.renewal_id, r.account_id, r.due_on, r.stated_intent, r.intent_on
