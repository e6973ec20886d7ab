SELECT
  COALESCE(SUM("l"."w"), 0) AS "n",
  COALESCE(SUM("b"."w"), 0) AS "w",
  COUNT(*) AS "m"
FROM (
  SELECT
    *,
    "e" // 3600000000 AS "b"
  FROM (
    SELECT
      "k0",
      "e",
      COALESCE("c", "e") AS "c",
      "hc"
    FROM (
      SELECT
        "airport" AS "k0",
        CASE
          WHEN TYPEOF("at") IN ('TIMESTAMP_NS', 'TIMESTAMPTZ_NS')
          THEN EPOCH_NS(CAST("at" AS TIMESTAMP_NS)) // 1000 - CAST((
            EPOCH_NS(CAST("at" AS TIMESTAMP_NS)) % 1000 < 0
          ) AS BIGINT)
          ELSE NULLIF(EPOCH_US(CAST("at" AS TIMESTAMPTZ)), CAST(-9223372036854775808 AS BIGINT))
        END AS "e",
        CASE
          WHEN TYPEOF("written") IN ('TIMESTAMP_NS', 'TIMESTAMPTZ_NS')
          THEN EPOCH_NS(CAST("written" AS TIMESTAMP_NS)) // 1000 - CAST((
            EPOCH_NS(CAST("written" AS TIMESTAMP_NS)) % 1000 < 0
          ) AS BIGINT)
          ELSE NULLIF(EPOCH_US(CAST("written" AS TIMESTAMPTZ)), CAST(-9223372036854775808 AS BIGINT))
        END AS "c",
        NOT "written" IS NULL AS "hc"
      FROM READ_PARQUET(['/data/w.parquet'], union_by_name = TRUE, hive_partitioning = FALSE)
      WHERE
        "at" >= '2024-01-01 09:00:00' AND "at" < '2024-01-01 12:00:00.000001'
    ) AS r
    WHERE
      NOT "k0" IS NULL
      AND NOT "e" IS NULL
      AND (
        NOT "c" IS NULL OR NOT "hc"
      )
      AND "e" >= 1704099600000000
      AND "e" <= 1704110400000000
  ) AS s
  LIMIT 1000
) AS h
LEFT JOIN (
  SELECT
    "k0",
    COUNT(*) AS "w"
  FROM (
    SELECT
      *,
      "t" // 3600000000 AS "b"
    FROM (
      SELECT
        "i",
        "t",
        "x0" AS "k0"
      FROM "labels"
      WHERE
        NOT "t" IS NULL AND NOT "x0" IS NULL
    ) AS s
  ) AS l
  GROUP BY
    "k0"
) AS l
  ON "l"."k0" = "h"."k0"
LEFT JOIN (
  SELECT
    "k0",
    "b",
    COUNT(*) AS "w"
  FROM (
    SELECT
      *,
      "t" // 3600000000 AS "b"
    FROM (
      SELECT
        "i",
        "t",
        "x0" AS "k0"
      FROM "labels"
      WHERE
        NOT "t" IS NULL AND NOT "x0" IS NULL
    ) AS s
  ) AS l
  GROUP BY
    "k0",
    "b"
) AS b
  ON "b"."k0" = "h"."k0" AND "b"."b" = "h"."b"
