-- Opportunities in the version valid on the as-of date, with the first source that was told; one closed later is open.
-- One row per opportunity.
WITH changed AS (
    SELECT o.opportunity_id AS opportunity_id
    FROM opportunities AS o
    GROUP BY o.opportunity_id
    HAVING COUNT(*) > 1
),
told AS (
    SELECT
        o.opportunity_id AS opportunity_id,
        o.source AS source,
        ROW_NUMBER() OVER (
            PARTITION BY o.opportunity_id ORDER BY COALESCE(o.valid_from, :beginning)
        ) AS oldest
    FROM opportunities AS o
    JOIN changed AS c ON c.opportunity_id = o.opportunity_id
    WHERE o.source IS NOT NULL AND COALESCE(o.valid_from, :beginning) <= :as_of
),
versions AS (
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
    COALESCE(t.source, v.source) AS source,
    v.trigger AS trigger,
    v.segment AS segment,
    v.amount_cents AS amount_cents,
    v.currency AS currency,
    v.created_on AS created_on,
    v.closed_on AS closed_on,
    v.outcome AS outcome
FROM versions AS v
LEFT JOIN told AS t ON t.opportunity_id = v.opportunity_id AND t.oldest = 1
WHERE v.newest = 1
