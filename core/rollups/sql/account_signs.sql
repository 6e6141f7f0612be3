-- Last day on which we gave something to an account, and last day on which somebody there answered a survey.
-- One row per account; where a give names a person alone, one per person.
WITH signs AS (
    SELECT
        i.account_id AS account_id,
        CASE WHEN i.account_id IS NULL THEN i.contact_id END AS contact_id,
        i.at_day AS gave_on,
        CAST(NULL AS DATE) AS answered_on
    FROM interactions AS i
    WHERE i.direction = 'give' AND i.at_day <= :as_of
    UNION ALL
    SELECT
        r.account_id AS account_id,
        CASE WHEN r.account_id IS NULL THEN r.contact_id END AS contact_id,
        CAST(NULL AS DATE) AS gave_on,
        r.answered_at_day AS answered_on
    FROM survey_responses AS r
    WHERE r.answered_at_day <= :as_of
)
SELECT
    s.account_id AS account_id,
    s.contact_id AS contact_id,
    MIN(s.gave_on) AS first_give_on,
    MAX(s.gave_on) AS last_give_on,
    MAX(s.answered_on) AS last_answer_on
FROM signs AS s
WHERE s.account_id IS NOT NULL OR s.contact_id IS NOT NULL
GROUP BY s.account_id, s.contact_id
