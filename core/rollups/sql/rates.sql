-- Exchange rates known on the as-of date. One row per month and currency.
SELECT f.currency AS currency, f.month AS month, f.rate AS rate
FROM fx_rates AS f
WHERE f.month <= :as_of
