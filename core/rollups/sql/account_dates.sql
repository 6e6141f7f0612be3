-- First day each milestone was reached, and the earliest renewal not decided by the as-of date.
-- One row per account and kind.
SELECT
    m.account_id AS account_id,
    m.kind AS kind,
    MIN(m.reached_on) AS day
FROM milestones AS m
WHERE m.reached_on <= :as_of
GROUP BY m.account_id, m.kind
UNION ALL
SELECT
    r.account_id AS account_id,
    'next_renewal' AS kind,
    MIN(r.due_on) AS day
FROM renewals AS r
WHERE r.closed_on IS NULL OR r.closed_on > :as_of
GROUP BY r.account_id
