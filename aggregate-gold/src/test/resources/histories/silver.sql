SELECT
  id,
  history,
  UPPER(TRIM(customer))  AS customer,
  amount,
  quantity,
  category,
  note,
  `at`                   AS event_time,
  CAST(`at` AS DATE)     AS event_date,
  CASE WHEN amount > 0 THEN 1.0 WHEN amount < 0 THEN 0.8 ELSE 0.5 END AS _quality_score
FROM bronze
