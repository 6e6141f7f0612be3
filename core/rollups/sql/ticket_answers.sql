-- When tickets were opened and first answered; hours between two instants are counted in pandas, because no engine
-- subtracts instants like another. One row per ticket.
SELECT
    t.account_id AS account_id,
    t.severity AS severity,
    t.opened_at AS opened_at,
    CASE WHEN CAST(t.first_response_at AS DATE) <= :as_of THEN t.first_response_at END AS first_response_at
FROM tickets AS t
WHERE CAST(t.opened_at AS DATE) <= :as_of
