-- Open tickets and escalations on the as-of date; one closed later is open. One row per account.
SELECT
    t.account_id AS account_id,
    COUNT(CASE WHEN t.severity <= 2 AND (t.closed_at IS NULL OR CAST(t.closed_at AS DATE) > :as_of) THEN 1 END) AS open_severe,
    COUNT(CASE WHEN t.escalated AND (t.closed_at IS NULL OR CAST(t.closed_at AS DATE) > :as_of) THEN 1 END) AS open_escalations,
    MAX(CASE WHEN t.escalated AND CAST(t.closed_at AS DATE) <= :as_of THEN t.closed_at END) AS last_escalation_closed_at
FROM tickets AS t
WHERE CAST(t.opened_at AS DATE) <= :as_of
GROUP BY t.account_id
