-- Opportunities that are open on the as-of date, in the version valid then, with the stage entered last.
-- One row per opportunity.
WITH versions AS (
    SELECT
        o.opportunity_id AS opportunity_id,
        o.account_id AS account_id,
        o.name AS name,
        o.kind AS kind,
        o.segment AS segment,
        o.industry AS industry,
        o.region AS region,
        o.amount_cents AS amount_cents,
        o.currency AS currency,
        o.created_on AS created_on,
        o.closed_on AS closed_on,
        o.reference_required AS reference_required,
        o.owner_id AS owner_id,
        ROW_NUMBER() OVER (
            PARTITION BY o.opportunity_id ORDER BY COALESCE(o.valid_from, :beginning) DESC
        ) AS newest
    FROM opportunities AS o
    WHERE o.created_on <= :as_of AND COALESCE(o.valid_from, :beginning) <= :as_of
),
stages AS (
    SELECT
        h.opportunity_id AS opportunity_id,
        h.stage AS stage,
        h.entered_on AS entered_on,
        ROW_NUMBER() OVER (PARTITION BY h.opportunity_id ORDER BY h.entered_on DESC, h.stage DESC) AS newest
    FROM stage_history AS h
    WHERE h.entered_on <= :as_of
)
SELECT
    v.opportunity_id AS opportunity_id,
    v.account_id AS account_id,
    v.name AS name,
    v.kind AS kind,
    v.segment AS segment,
    v.industry AS industry,
    v.region AS region,
    v.amount_cents AS amount_cents,
    v.currency AS currency,
    v.created_on AS created_on,
    v.reference_required AS reference_required,
    v.owner_id AS owner_id,
    s.stage AS stage,
    s.entered_on AS entered_on
FROM versions AS v
LEFT JOIN stages AS s ON s.opportunity_id = v.opportunity_id AND s.newest = 1
WHERE v.newest = 1 AND (v.closed_on IS NULL OR v.closed_on > :as_of)
