SELECT
  history,
  event_date,
  COALESCE(category, 'none')                               AS category,
  COUNT(*)                                                 AS records,
  COUNT(quantity)                                          AS quantities,
  SUM(amount)                                              AS total,
  AVG(amount)                                              AS average,
  AVG(CAST(quantity AS DECIMAL(12, 2)))                    AS average_quantity,
  COUNT(DISTINCT customer)                                 AS customers,
  MIN(amount)                                              AS smallest,
  MAX(amount)                                              AS largest,
  MIN(note)                                                AS first_note,
  STDDEV_SAMP(amount)                                      AS deviation,
  SUM(amount) / NULLIF(COUNT(DISTINCT customer), 0)        AS per_customer
FROM silver
GROUP BY history, event_date, COALESCE(category, 'none')
