-- Valid CSAT answers of people; of one person's answers of one day the last counts. One row per contact and day.
WITH answers AS (
    SELECT
        r.contact_id AS contact_id,
        r.score AS score,
        r.answered_at_day AS answered_on,
        ROW_NUMBER() OVER (
            PARTITION BY r.contact_id, r.answered_at_day ORDER BY r.answered_at DESC, r.response_id DESC
        ) AS newest
    FROM survey_responses AS r
    WHERE r.survey = 'csat' AND r.contact_id IS NOT NULL AND r.score BETWEEN 1 AND 5
        AND r.answered_at_day <= :as_of
)
SELECT a.contact_id AS contact_id, a.answered_on AS answered_on, a.score AS score
FROM answers AS a
WHERE a.newest = 1
