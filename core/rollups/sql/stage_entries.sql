-- Every stage a new-business opportunity entered, and the day it entered the one after it. One row per entry.
SELECT
    h.opportunity_id AS opportunity_id,
    h.stage AS stage,
    h.entered_on AS entered_on,
    LEAD(h.entered_on) OVER (PARTITION BY h.opportunity_id ORDER BY h.entered_on, h.stage) AS left_on
FROM stage_history AS h
WHERE h.entered_on <= :as_of AND h.opportunity_id IN (
    SELECT o.opportunity_id FROM opportunities AS o WHERE o.kind = 'new' AND o.created_on <= :as_of
)
