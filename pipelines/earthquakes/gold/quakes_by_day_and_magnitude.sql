SELECT
  event_date,
  magnitude_class,
  COUNT(*)                                          AS quakes,
  COUNT(*) FILTER (WHERE status = 'reviewed')       AS reviewed_quakes,
  MIN(magnitude)                                    AS min_magnitude,
  MAX(magnitude)                                    AS max_magnitude,
  AVG(magnitude)                                    AS avg_magnitude,
  MAX(depth_km)                                     AS max_depth_km,
  SUM(felt_reports)                                 AS felt_reports,
  COUNT(DISTINCT network)                           AS networks
FROM silver
WHERE event_type = 'earthquake' AND status <> 'deleted'
GROUP BY event_date, magnitude_class
