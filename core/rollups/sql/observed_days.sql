-- First and last day on which each table observed anything. One row per table.
SELECT 'subscriptions' AS name, MIN(s.start_date) AS first_on, MAX(s.start_date) AS last_on
FROM subscriptions AS s
UNION ALL
SELECT 'usage' AS name, MIN(c.day) AS first_on, MAX(c.day) AS last_on
FROM (SELECT MIN(u.week_start) AS first_week, MAX(u.week_start) AS last_week FROM usage AS u) AS w
JOIN calendar AS c ON c.week_start = w.first_week OR c.week_start = w.last_week
UNION ALL
SELECT 'survey_responses' AS name, MIN(r.answered_at_day) AS first_on, MAX(r.answered_at_day) AS last_on
FROM survey_responses AS r
UNION ALL
SELECT 'tickets' AS name, MIN(t.opened_at_day) AS first_on, MAX(t.opened_at_day) AS last_on
FROM tickets AS t
UNION ALL
SELECT 'interactions' AS name, MIN(i.at_day) AS first_on, MAX(i.at_day) AS last_on
FROM interactions AS i
UNION ALL
SELECT 'opportunities' AS name, MIN(o.created_on) AS first_on,
    MAX(CASE WHEN o.outcome <> 'open' AND o.closed_on > o.created_on THEN o.closed_on ELSE o.created_on END) AS last_on
FROM opportunities AS o
