-- When tickets were opened and first answered, with the days; hours between two instants are counted in pandas, because
-- no engine subtracts instants like another. One row per ticket.
SELECT
    t.account_id AS account_id,
    t.severity AS severity,
    t.opened_at AS opened_at,
    t.opened_at_day AS opened_on,
    CASE WHEN t.first_response_at_day <= :as_of THEN t.first_response_at END AS first_response_at,
    CASE WHEN t.first_response_at_day <= :as_of THEN t.first_response_at_day END AS answered_on
FROM tickets AS t
WHERE t.opened_at_day <= :as_of
