-- First day each milestone was reached, and the earliest renewal not decided by the as-of date.
-- One row per account with either.
SELECT
    d.account_id AS account_id,
    MIN(CASE WHEN d.kind = 'kickoff' THEN d.day END) AS kickoff_on,
    MIN(CASE WHEN d.kind = 'go_live' THEN d.day END) AS go_live_on,
    MIN(CASE WHEN d.kind = 'first_login' THEN d.day END) AS first_login_on,
    MIN(CASE WHEN d.kind = 'activation' THEN d.day END) AS activated_on,
    MIN(CASE WHEN d.kind = 'first_value' THEN d.day END) AS first_value_on,
    MIN(CASE WHEN d.kind = 'next_renewal' THEN d.day END) AS next_renewal_on
FROM (
    SELECT m.account_id AS account_id, m.kind AS kind, m.reached_on AS day
    FROM milestones AS m
    WHERE m.reached_on <= :as_of
    UNION ALL
    SELECT r.account_id AS account_id, 'next_renewal' AS kind, r.due_on AS day
    FROM renewals AS r
    WHERE r.closed_on IS NULL OR r.closed_on > :as_of
) AS d
GROUP BY d.account_id
