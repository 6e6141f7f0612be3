-- Users and seats of the complete ISO weeks that end in each month. One row per account and month.
SELECT
    u.account_id AS account_id,
    e.month AS month,
    CAST(SUM(u.active_users) AS BIGINT) AS user_weeks,
    COUNT(u.active_users) AS weeks_known,
    CAST(SUM(CASE WHEN u.licensed_seats > 0 THEN u.active_users END) AS BIGINT) AS seated_user_weeks,
    CAST(SUM(CASE WHEN u.active_users IS NOT NULL THEN u.licensed_seats END) AS BIGINT) AS seat_weeks
FROM usage AS u
JOIN calendar AS s ON s.day = u.week_start
JOIN calendar AS e ON e.day_no = s.day_no + 6
WHERE e.day <= :as_of
GROUP BY u.account_id, e.month
