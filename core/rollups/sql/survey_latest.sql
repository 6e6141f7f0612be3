-- The latest answer of every contact to each question. One row per contact and survey.
WITH answers AS (
    SELECT
        r.contact_id AS contact_id,
        r.survey AS survey,
        r.score AS score,
        CAST(r.answered_at AS DATE) AS answered_on,
        ROW_NUMBER() OVER (
            PARTITION BY r.contact_id, r.survey ORDER BY r.answered_at DESC, r.response_id DESC
        ) AS newest
    FROM survey_responses AS r
    WHERE r.contact_id IS NOT NULL AND CAST(r.answered_at AS DATE) <= :as_of
)
SELECT
    a.contact_id AS contact_id,
    a.survey AS survey,
    a.score AS score,
    a.answered_on AS answered_on
FROM answers AS a
WHERE a.newest = 1
