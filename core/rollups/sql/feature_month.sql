-- Entitled users that were active, and those of them that used the feature, summed over features and then over
-- accounts; a user counts once per feature. One row per account and month, and one per feature and month.
SELECT
    'account' AS kind,
    f.account_id AS name,
    f.month AS month,
    CAST(SUM(f.active_users) AS BIGINT) AS feature_users,
    CAST(SUM(f.adopting_users) AS BIGINT) AS feature_adopters
FROM feature_usage AS f
WHERE f.month <= :as_of AND f.entitled_users > 0
GROUP BY f.account_id, f.month
UNION ALL
SELECT
    'feature' AS kind,
    f.feature AS name,
    f.month AS month,
    CAST(SUM(f.active_users) AS BIGINT) AS feature_users,
    CAST(SUM(f.adopting_users) AS BIGINT) AS feature_adopters
FROM feature_usage AS f
WHERE f.month <= :as_of AND f.entitled_users > 0
GROUP BY f.feature, f.month
