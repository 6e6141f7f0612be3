-- Open tickets and escalations on the as-of date; one closed later is open. One row per account.
SELECT
    t.account_id AS account_id,
    COUNT(CASE WHEN t.severity <= 2 AND (t.closed_at IS NULL OR t.closed_at_day > :as_of) THEN 1 END) AS open_severe,
    COUNT(CASE WHEN t.escalated AND (t.closed_at IS NULL OR t.closed_at_day > :as_of) THEN 1 END) AS open_escalations,
    MAX(CASE WHEN t.escalated AND t.closed_at_day <= :as_of THEN t.closed_at_day END) AS last_escalation_closed_on
FROM tickets AS t
WHERE t.opened_at_day <= :as_of
GROUP BY t.account_id
