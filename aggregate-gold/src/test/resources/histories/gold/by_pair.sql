-- Each record with the earlier ones of its customer, of which either side changes at any time.
SELECT
  history,
  family,
  earlier_note,
  COUNT(*)               AS pairs,
  SUM(amount)            AS total,
  SUM(earlier_quantity)  AS earlier_quantity
FROM (
  SELECT
    s.history,
    COALESCE(f.family, 'none')  AS family,
    COALESCE(e.note, 'none')    AS earlier_note,
    s.amount,
    e.quantity                  AS earlier_quantity
  FROM silver AS s
  LEFT JOIN families AS f ON s.category = f.category
  LEFT JOIN silver AS e
    ON e.history = s.history
    AND e.customer = s.customer
    AND e.id <> s.id
    AND e.event_time <= s.event_time
)
GROUP BY history, family, earlier_note
