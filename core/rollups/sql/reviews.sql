-- Value reviews that were planned for a day. One row per review.
SELECT
    i.account_id AS account_id,
    i.at_day AS held_on,
    i.planned_on AS planned_on,
    i.value_stated AS value_stated
FROM interactions AS i
WHERE i.kind = 'review' AND i.planned_on IS NOT NULL AND i.at_day <= :as_of
