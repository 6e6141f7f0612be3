-- Usage of the last 4 complete weeks and of the 12 before them. One row per account.
SELECT
    u.account_id AS account_id,
    CAST(SUM(CASE WHEN u.week_start >= :recent_from THEN u.active_users END) AS BIGINT) AS users_recent,
    COUNT(CASE WHEN u.week_start >= :recent_from THEN u.active_users END) AS weeks_with_users,
    MAX(CASE WHEN u.week_start >= :recent_from THEN u.licensed_seats END) AS seats,
    CAST(SUM(CASE WHEN u.week_start >= :recent_from THEN u.core_events ELSE 0 END) AS BIGINT) AS events_recent,
    COUNT(CASE WHEN u.week_start >= :recent_from THEN u.core_events END) AS weeks_with_events,
    CAST(SUM(CASE WHEN u.week_start < :recent_from THEN u.core_events ELSE 0 END) AS BIGINT) AS events_prior,
    COUNT(CASE WHEN u.week_start < :recent_from THEN u.core_events END) AS weeks_prior
FROM usage AS u
WHERE u.week_start >= :prior_from AND u.week_start < :weeks_before
GROUP BY u.account_id
