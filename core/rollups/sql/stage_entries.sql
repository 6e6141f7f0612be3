-- Every stage a new-business opportunity entered, and the day it entered the one after it. One row per entry.
WITH new_business AS (
    SELECT DISTINCT o.opportunity_id AS opportunity_id
    FROM opportunities AS o
    WHERE o.kind = 'new' AND o.created_on <= :as_of
)
SELECT
    h.opportunity_id AS opportunity_id,
    h.stage AS stage,
    h.entered_on AS entered_on,
    LEAD(h.entered_on) OVER (PARTITION BY h.opportunity_id ORDER BY h.entered_on, h.stage) AS left_on
FROM stage_history AS h
JOIN new_business AS n ON n.opportunity_id = h.opportunity_id
WHERE h.entered_on <= :as_of
