-- Escalated tickets; one closed after the as-of date is open. One row per ticket.
SELECT
    t.account_id AS account_id,
    CAST(t.opened_at AS DATE) AS opened_on,
    CASE WHEN CAST(t.closed_at AS DATE) <= :as_of THEN CAST(t.closed_at AS DATE) END AS closed_on
FROM tickets AS t
WHERE t.escalated AND CAST(t.opened_at AS DATE) <= :as_of
