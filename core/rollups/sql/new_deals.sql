-- New-business opportunities in every version known on the as-of date, with the stage each entered first.
-- One row per opportunity and version.
WITH entries AS (
    SELECT
        h.opportunity_id AS opportunity_id,
        h.stage AS stage,
        h.entered_on AS entered_on,
        ROW_NUMBER() OVER (PARTITION BY h.opportunity_id ORDER BY h.entered_on, h.stage) AS place
    FROM stage_history AS h
    WHERE h.entered_on <= :as_of
)
SELECT
    o.opportunity_id AS opportunity_id,
    COALESCE(o.valid_from, :beginning) AS known_from,
    o.account_id AS account_id,
    o.segment AS segment,
    o.industry AS industry,
    o.region AS region,
    o.source AS source,
    o.amount_cents AS native_cents,
    o.currency AS currency,
    e.stage AS entry_stage,
    e.entered_on AS entered_on
FROM opportunities AS o
LEFT JOIN entries AS e ON e.opportunity_id = o.opportunity_id AND e.place = 1
WHERE o.kind = 'new' AND o.created_on <= :as_of AND COALESCE(o.valid_from, :beginning) <= :as_of
