-- Views of each asset by company: an account, or a deal whose company is no account yet. One row per company, asset
-- and month.
SELECT
    i.account_id AS account_id,
    i.opportunity_id AS opportunity_id,
    i.asset_id AS asset_id,
    c.month AS month,
    COUNT(*) AS views
FROM interactions AS i
JOIN calendar AS c ON c.day = i.at_day
WHERE i.kind = 'content_view' AND i.asset_id IS NOT NULL AND c.day <= :as_of
    AND (i.account_id IS NOT NULL OR i.opportunity_id IS NOT NULL)
GROUP BY i.account_id, i.opportunity_id, i.asset_id, c.month
