WITH "given" AS MATERIALIZED (
  SELECT
    "i",
    "t",
    "x0" AS "k0"
  FROM "labels"
  WHERE
    NOT "t" IS NULL AND NOT "x0" IS NULL
), "found" AS MATERIALIZED (
  SELECT
    "l"."i",
    "l"."k0",
    "h"."e",
    CAST("h"."p" - CAST("h"."e" AS INT128) * 18446744073709551616 AS BIGINT) AS "known"
  FROM "given" AS l
  ASOF JOIN (
    SELECT
      "k0",
      GREATEST("e", "c") AS "a",
      MAX("e") OVER (PARTITION BY "k0" ORDER BY GREATEST("e", "c")) AS "e",
      MAX(CAST("e" AS INT128) * 18446744073709551616 + "r") OVER (PARTITION BY "k0" ORDER BY GREATEST("e", "c")) AS "p"
    FROM (
      SELECT
        "k0",
        "e",
        COALESCE("c", "e") AS "c",
        "hc",
        "r"
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
          NOT "written" IS NULL AS "hc",
          "file_row_number" AS "r"
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
    SEMI JOIN "given"
      USING ("k0")
  ) AS h
    ON "l"."k0" = "h"."k0" AND "l"."t" >= "h"."a"
)
SELECT
  "l"."i",
  "l"."e",
  "l"."known" AS "r",
  "h"."several"
FROM "found" AS l
JOIN (
  SELECT
    "k0",
    "e",
    MAX("r") AS "r",
    MAX("r") <> MIN("r") AS "several"
  FROM (
    SELECT
      "k0",
      "e",
      COALESCE("c", "e") AS "c",
      "hc",
      "r"
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
        NOT "written" IS NULL AS "hc",
        "file_row_number" AS "r"
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
  ) AS h
  SEMI JOIN "found"
    USING ("k0", "e")
  GROUP BY
    "k0",
    "e"
) AS h
  ON "l"."k0" = "h"."k0" AND "l"."e" = "h"."e"
