SELECT
  network,
  COUNT(*)                                          AS quakes,
  COUNT(*) FILTER (WHERE status = 'reviewed')       AS reviewed_quakes,
  COUNT(DISTINCT event_date)                        AS active_days,
  COUNT(DISTINCT magnitude_type)                    AS magnitude_types,
  SUM(magnitude)                                    AS total_magnitude,
  AVG(magnitude)                                    AS avg_magnitude,
  MAX(magnitude)                                    AS max_magnitude,
  AVG(depth_km)                                     AS avg_depth_km,
  SUM(stations)                                     AS station_readings,
  AVG(azimuthal_gap_degrees)                        AS avg_gap_degrees,
  MAX(updated)                                      AS last_update
FROM silver
WHERE event_type = 'earthquake' AND status <> 'deleted'
GROUP BY network
