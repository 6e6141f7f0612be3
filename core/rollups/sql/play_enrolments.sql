-- Days on which accounts entered a play. One row per account, play and day.
SELECT
    i.account_id AS account_id,
    i.play AS play,
    i.at_day AS enrolled_on
FROM interactions AS i
WHERE i.kind = 'enrolment' AND i.play IS NOT NULL AND i.account_id IS NOT NULL AND i.at_day <= :as_of
GROUP BY i.account_id, i.play, i.at_day
