-- Finance's own figures of one month; an empty account is the whole company. One row per account.
SELECT
    f.account_id AS account_id,
    f.arr_cents AS arr_cents,
    f.new_arr_cents AS new_arr_cents,
    f.bookings_cents AS bookings_cents
FROM finance_totals AS f
WHERE f.month = :month AND f.month <= :as_of
