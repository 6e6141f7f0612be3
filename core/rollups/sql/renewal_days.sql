-- Days on which a renewal of an account falls due, past and to come. One row per account and day.
SELECT DISTINCT r.account_id AS account_id, r.due_on AS due_on
FROM renewals AS r
