-- Value reviews that were planned for a day. One row per review.
SELECT
    i.account_id AS account_id,
    CAST(i.at AS DATE) AS held_on,
    i.planned_on AS planned_on,
    i.value_stated AS value_stated
FROM interactions AS i
WHERE i.kind = 'review' AND i.planned_on IS NOT NULL AND CAST(i.at AS DATE) <= :as_of
