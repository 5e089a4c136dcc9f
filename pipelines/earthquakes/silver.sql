SELECT
  b.id                                                               AS event_id,
  b.properties.net                                                   AS network,
  b.properties.`type`                                                AS event_type,
  b.properties.status                                                AS status,
  b.properties.place                                                 AS place,
  b.properties.`time`                                                AS occurred_at,
  TIMESTAMPADD(MINUTE, b.properties.tz, b.properties.`time`)         AS occurred_at_local,
  CAST(b.properties.`time` AS DATE)                                  AS event_date,
  b.properties.updated                                               AS updated,
  b.properties.mag                                                   AS magnitude,
  b.properties.magType                                               AS magnitude_type,
  CAST(CASE
    WHEN b.properties.mag IS NULL THEN 'unknown'
    WHEN b.properties.mag < 2 THEN 'micro'
    WHEN b.properties.mag < 4 THEN 'minor'
    WHEN b.properties.mag < 5 THEN 'light'
    WHEN b.properties.mag < 6 THEN 'moderate'
    WHEN b.properties.mag < 7 THEN 'strong'
    WHEN b.properties.mag < 8 THEN 'major'
    ELSE 'great'
  END AS STRING)                                                     AS magnitude_class,
  b.geometry.coordinates[1]                                          AS longitude,
  b.geometry.coordinates[2]                                          AS latitude,
  b.geometry.coordinates[3]                                          AS depth_km,
  b.properties.felt                                                  AS felt_reports,
  b.properties.mmi                                                   AS intensity,
  b.properties.alert                                                 AS alert,
  b.properties.tsunami = 1                                           AS tsunami,
  b.properties.sig                                                   AS significance,
  b.properties.nst                                                   AS stations,
  b.properties.dmin                                                  AS nearest_station_degrees,
  b.properties.rms                                                   AS residual_seconds,
  b.properties.gap                                                   AS azimuthal_gap_degrees,
  TRIM(BOTH ',' FROM b.properties.sources)                           AS sources,
  b.properties.url                                                   AS url
FROM bronze AS b
