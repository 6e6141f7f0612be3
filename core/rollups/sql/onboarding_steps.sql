-- First day an account was put on a path and first day one of its tasks was done. One row per account.
SELECT
    i.account_id AS account_id,
    MIN(CASE WHEN i.kind = 'enrolment' THEN i.at_day END) AS enrolled_on,
    MIN(CASE WHEN i.kind = 'task' THEN i.at_day END) AS task_on
FROM interactions AS i
WHERE i.account_id IS NOT NULL AND i.kind IN ('enrolment', 'task') AND i.at_day <= :as_of
GROUP BY i.account_id
