-- First day each step of the first weeks was reached. One row per account with a milestone.
SELECT
    m.account_id AS account_id,
    MIN(CASE WHEN m.kind = 'kickoff' THEN m.reached_on END) AS kickoff_on,
    MIN(CASE WHEN m.kind = 'activation' THEN m.reached_on END) AS activated_on,
    MIN(CASE WHEN m.kind = 'first_value' THEN m.reached_on END) AS first_value_on
FROM milestones AS m
WHERE m.reached_on <= :as_of
GROUP BY m.account_id
