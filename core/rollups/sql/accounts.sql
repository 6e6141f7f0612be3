-- Attributes of every account, every version known on the as-of date. One row per account and version.
SELECT
    a.account_id AS account_id,
    COALESCE(a.valid_from, :beginning) AS valid_from,
    a.parent_id AS parent_id,
    a.name AS name,
    a.segment AS segment,
    a.industry AS industry,
    a.region AS region,
    a.product_tier AS product_tier,
    a.start_date AS start_date,
    a.go_live_on AS go_live_on,
    a.acquisition_channel AS acquisition_channel,
    a.icp_fit AS icp_fit,
    a.owner_id AS owner_id
FROM accounts AS a
WHERE COALESCE(a.valid_from, :beginning) <= :as_of
