-- Escalated tickets; one closed after the as-of date is open. One row per ticket.
SELECT
    t.account_id AS account_id,
    t.opened_at_day AS opened_on,
    CASE WHEN t.closed_at_day <= :as_of THEN t.closed_at_day END AS closed_on
FROM tickets AS t
WHERE t.escalated AND t.opened_at_day <= :as_of
