-- Valid CSAT answers and the satisfied ones among them; of one person's answers of one day the last counts.
-- One row per account and month with an answer.
WITH answers AS (
    SELECT
        r.response_id AS response_id,
        r.account_id AS account_id,
        COALESCE(r.contact_id, r.response_id) AS person,
        r.score AS score,
        r.answered_at AS answered_at,
        r.answered_at_day AS answered_on
    FROM survey_responses AS r
    WHERE r.survey = 'csat' AND r.score BETWEEN 1 AND 5 AND r.answered_at_day <= :as_of
),
latest AS (
    SELECT
        a.account_id AS account_id,
        a.score AS score,
        a.answered_on AS answered_on,
        ROW_NUMBER() OVER (
            PARTITION BY a.person, a.answered_on ORDER BY a.answered_at DESC, a.response_id DESC
        ) AS newest
    FROM answers AS a
)
SELECT
    l.account_id AS account_id,
    c.month AS month,
    COUNT(*) AS answers,
    COUNT(CASE WHEN l.score >= :satisfied_from THEN 1 END) AS satisfied
FROM latest AS l
JOIN calendar AS c ON c.day = l.answered_on
WHERE l.newest = 1
GROUP BY l.account_id, c.month
