-- Renewals with what was known of them on the as-of date; one decided later is open. One row per renewal.
SELECT
    r.renewal_id AS renewal_id,
    r.account_id AS account_id,
    r.due_on AS due_on,
    r.currency AS currency,
    r.mrr_due_cents AS native_due_cents,
    CASE WHEN r.closed_on <= :as_of THEN r.closed_on END AS closed_on,
    CASE WHEN r.closed_on <= :as_of THEN COALESCE(r.mrr_renewed_cents, 0) ELSE 0 END AS native_renewed_cents,
    CASE WHEN r.intent_on <= :as_of THEN r.intent_on END AS intent_on,
    CASE WHEN r.intent_on <= :as_of THEN r.stated_intent END AS stated_intent,
    CASE WHEN r.intent_on <= :as_of THEN r.intent_by END AS intent_by
FROM renewals AS r
