SELECT
  history,
  COALESCE(note, 'none')                     AS note,
  COUNT(*)                                   AS records,
  SUM(quantity)                              AS quantity,
  SUM(amount * quantity)                     AS amount_times_quantity,
  MAX(event_time)                            AS newest,
  COUNT(*) FILTER (WHERE amount < 0)         AS negatives
FROM silver
WHERE amount <> 0
GROUP BY history, COALESCE(note, 'none')
