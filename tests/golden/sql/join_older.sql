WITH "given" AS MATERIALIZED (
  SELECT
    "i",
    "t",
    "x0" AS "k0"
  FROM "labels"
  WHERE
    NOT "t" IS NULL AND NOT "x0" IS NULL
)
SELECT
  "l"."i"
FROM "given" AS l
JOIN (
  SELECT
    "k0",
    MIN(GREATEST("e", "c")) AS "a"
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
        "at" < '2024-01-01 09:00:00'
    ) AS r
    WHERE
      NOT "k0" IS NULL
      AND NOT "e" IS NULL
      AND (
        NOT "c" IS NULL OR NOT "hc"
      )
      AND "e" <= 1704099599999999
  ) AS h
  SEMI JOIN "given"
    USING ("k0")
  GROUP BY
    "k0"
) AS h
  ON "l"."k0" = "h"."k0"
