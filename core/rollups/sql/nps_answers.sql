-- The last NPS answer a person gave in each month. One row per contact and month.
WITH answers AS (
    SELECT
        r.contact_id AS contact_id,
        r.score AS score,
        c.month AS month,
        c.day AS answered_on,
        ROW_NUMBER() OVER (
            PARTITION BY r.contact_id, c.month
            ORDER BY r.answered_at_day DESC, r.answered_at DESC, r.response_id DESC
        ) AS newest
    FROM survey_responses AS r
    JOIN calendar AS c ON c.day = r.answered_at_day
    WHERE r.survey = 'nps' AND r.contact_id IS NOT NULL AND c.day <= :as_of
)
SELECT a.contact_id AS contact_id, a.month AS month, a.answered_on AS answered_on, a.score AS score
FROM answers AS a
WHERE a.newest = 1
