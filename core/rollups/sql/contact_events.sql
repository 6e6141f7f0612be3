-- What happened with one contact, and the tickets of its account, up to the as-of date. One row per event.
SELECT
    'survey' AS source,
    r.response_id AS event_id,
    r.answered_at_day AS day,
    r.survey AS kind,
    '' AS detail,
    '' AS direction,
    CAST(r.score AS BIGINT) AS number,
    CAST(NULL AS DATE) AS closed_on
FROM survey_responses AS r
WHERE r.contact_id = :contact AND r.answered_at_day <= :as_of
UNION ALL
SELECT
    'interaction' AS source,
    i.interaction_id AS event_id,
    i.at_day AS day,
    i.kind AS kind,
    i.channel AS detail,
    i.direction AS direction,
    CAST(NULL AS BIGINT) AS number,
    CAST(NULL AS DATE) AS closed_on
FROM interactions AS i
WHERE i.contact_id = :contact AND i.at_day <= :as_of
UNION ALL
SELECT
    'ticket' AS source,
    t.ticket_id AS event_id,
    t.opened_at_day AS day,
    CASE WHEN t.escalated THEN 'escalated' ELSE 'ticket' END AS kind,
    '' AS detail,
    '' AS direction,
    CAST(t.severity AS BIGINT) AS number,
    CASE WHEN t.closed_at_day <= :as_of THEN t.closed_at_day END AS closed_on
FROM tickets AS t
WHERE t.account_id = :account AND t.opened_at_day <= :as_of
