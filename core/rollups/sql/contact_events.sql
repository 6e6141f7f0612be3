-- What happened with one contact, and the tickets of its account, up to the as-of date. One row per event.
SELECT
    'survey' AS source,
    r.response_id AS event_id,
    CAST(r.answered_at AS DATE) AS day,
    r.survey AS kind,
    '' AS detail,
    '' AS direction,
    CAST(r.score AS BIGINT) AS number,
    CAST(NULL AS DATE) AS closed_on
FROM survey_responses AS r
WHERE r.contact_id = :contact AND CAST(r.answered_at AS DATE) <= :as_of
UNION ALL
SELECT
    'interaction' AS source,
    i.interaction_id AS event_id,
    CAST(i.at AS DATE) AS day,
    i.kind AS kind,
    i.channel AS detail,
    i.direction AS direction,
    CAST(NULL AS BIGINT) AS number,
    CAST(NULL AS DATE) AS closed_on
FROM interactions AS i
WHERE i.contact_id = :contact AND CAST(i.at AS DATE) <= :as_of
UNION ALL
SELECT
    'ticket' AS source,
    t.ticket_id AS event_id,
    CAST(t.opened_at AS DATE) AS day,
    CASE WHEN t.escalated THEN 'escalated' ELSE 'ticket' END AS kind,
    '' AS detail,
    '' AS direction,
    CAST(t.severity AS BIGINT) AS number,
    CASE WHEN CAST(t.closed_at AS DATE) <= :as_of THEN CAST(t.closed_at AS DATE) END AS closed_on
FROM tickets AS t
WHERE t.account_id = :account AND CAST(t.opened_at AS DATE) <= :as_of
