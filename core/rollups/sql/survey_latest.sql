-- The latest answer of every contact to each question, and the day of the latest NPS answer of a detractor.
-- One row per contact and survey.
WITH answers AS (
    SELECT
        r.contact_id AS contact_id,
        r.survey AS survey,
        r.score AS score,
        r.answered_at_day AS answered_on,
        ROW_NUMBER() OVER (
            PARTITION BY r.contact_id, r.survey
            ORDER BY r.answered_at_day DESC, r.answered_at DESC, r.response_id DESC
        ) AS newest
    FROM survey_responses AS r
    WHERE r.contact_id IS NOT NULL AND r.answered_at_day <= :as_of
),
detractors AS (
    SELECT a.contact_id AS contact_id, MAX(a.answered_on) AS last_detractor_on
    FROM answers AS a
    WHERE a.survey = 'nps' AND a.score <= :detractor_at_most
    GROUP BY a.contact_id
)
SELECT
    a.contact_id AS contact_id,
    a.survey AS survey,
    a.score AS score,
    a.answered_on AS answered_on,
    d.last_detractor_on AS last_detractor_on
FROM answers AS a
LEFT JOIN detractors AS d ON d.contact_id = a.contact_id
WHERE a.newest = 1
