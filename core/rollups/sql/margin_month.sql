-- Gross margin known on the as-of date. One row per month and product; an empty product holds for all.
SELECT g.month AS month, g.product AS product, g.rate AS rate
FROM gross_margin AS g
WHERE g.month <= :as_of
