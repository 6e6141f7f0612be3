-- New-business opportunities in every version known on the as-of date, with the stage each entered first.
-- One row per opportunity and version.
WITH first_days AS (
    SELECT h.opportunity_id AS opportunity_id, MIN(h.entered_on) AS first_on
    FROM stage_history AS h
    WHERE h.entered_on <= :as_of
    GROUP BY h.opportunity_id
),
entries AS (
    SELECT h.opportunity_id AS opportunity_id, MIN(h.stage) AS first_stage, MIN(f.first_on) AS entry_on
    FROM stage_history AS h
    JOIN first_days AS f ON f.opportunity_id = h.opportunity_id AND f.first_on = h.entered_on
    GROUP BY h.opportunity_id
)
SELECT
    o.opportunity_id AS opportunity_id,
    COALESCE(o.valid_from, :beginning) AS known_from,
    o.account_id AS account_id,
    o.segment AS segment,
    o.industry AS industry,
    o.region AS region,
    o.amount_cents AS native_cents,
    o.currency AS currency,
    e.first_stage AS entry_stage,
    e.entry_on AS entered_on
FROM opportunities AS o
LEFT JOIN entries AS e ON e.opportunity_id = o.opportunity_id
WHERE o.kind = 'new' AND o.created_on <= :as_of AND COALESCE(o.valid_from, :beginning) <= :as_of
