-- Opportunities in the version valid on the as-of date; one closed later is open. One row per opportunity.
WITH versions AS (
    SELECT
        o.opportunity_id AS opportunity_id,
        o.account_id AS account_id,
        o.name AS name,
        o.kind AS kind,
        o.source AS source,
        o.trigger AS trigger,
        o.segment AS segment,
        o.amount_cents AS amount_cents,
        o.currency AS currency,
        o.created_on AS created_on,
        CASE WHEN o.closed_on <= :as_of THEN o.closed_on END AS closed_on,
        CASE WHEN o.closed_on <= :as_of THEN o.outcome ELSE 'open' END AS outcome,
        ROW_NUMBER() OVER (
            PARTITION BY o.opportunity_id ORDER BY COALESCE(o.valid_from, :beginning) DESC
        ) AS newest
    FROM opportunities AS o
    WHERE o.created_on <= :as_of AND COALESCE(o.valid_from, :beginning) <= :as_of
)
SELECT
    v.opportunity_id AS opportunity_id,
    v.account_id AS account_id,
    v.name AS name,
    v.kind AS kind,
    v.source AS source,
    v.trigger AS trigger,
    v.segment AS segment,
    v.amount_cents AS amount_cents,
    v.currency AS currency,
    v.created_on AS created_on,
    v.closed_on AS closed_on,
    v.outcome AS outcome
FROM versions AS v
WHERE v.newest = 1
