WITH "v0_source" AS NOT MATERIALIZED (
  SELECT
    *,
    CAST("e" AS INT128) * 18446744073709551616 + "c" + 1 AS "k"
  FROM (
    SELECT
      "k0",
      "e",
      COALESCE("c", "e") AS "c",
      "hc",
      "f0",
      "f1"
    FROM (
      SELECT
        CAST("airport" AS TEXT) AS "k0",
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
        CAST("visibility" AS DOUBLE) AS "f0",
        CAST("wind" AS BIGINT) AS "f1"
      FROM READ_PARQUET(['/data/w.parquet'], union_by_name = TRUE, hive_partitioning = FALSE)
      WHERE
        "at" >= '2024-01-01 09:00:00' AND "at" < '2024-01-01 12:00:01.000001'
    ) AS r
    WHERE
      NOT "k0" IS NULL
      AND NOT "e" IS NULL
      AND (
        NOT "c" IS NULL OR NOT "hc"
      )
      AND "e" >= 1704099600000000
      AND "e" <= 1704110401000000
  ) AS r
), "v0_labels" AS MATERIALIZED (
  SELECT
    "i",
    "t",
    "x0" AS "k0"
  FROM "labels"
  WHERE
    NOT "t" IS NULL AND NOT "x0" IS NULL
), "v0_history" AS NOT MATERIALIZED (
  SELECT
    "k0",
    "k"
  FROM "v0_source"
  SEMI JOIN "v0_labels"
    USING ("k0")
), "v0_newest" AS MATERIALIZED (
  SELECT
    "l"."i",
    "l"."t",
    "l"."k0",
    CASE
      WHEN "h"."k" >= CAST(GREATEST(CAST("l"."t" AS INT128) - 10800000000, -9223372036854775807) AS INT128) * 18446744073709551616 + -9223372036854775808 + 1
      THEN "h"."k"
      ELSE NULL
    END AS "k"
  FROM "v0_labels" AS l
  ASOF JOIN "v0_history" AS h
    ON "l"."k0" = "h"."k0"
    AND CAST("l"."t" AS INT128) * 18446744073709551616 + 9223372036854775807 + 1 >= "h"."k"
), "v0_older" AS NOT MATERIALIZED (
  SELECT
    *,
    CAST("e" AS INT128) * 18446744073709551616 + "c" + 1 AS "k"
  FROM (
    SELECT
      "k0",
      "e",
      COALESCE("c", "e") AS "c",
      "hc"
    FROM (
      SELECT
        CAST("airport" AS TEXT) AS "k0",
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
  ) AS r
), "v0_expired" AS NOT MATERIALIZED (
  SELECT
    "l"."i",
    "l"."t",
    "l"."k0",
    CAST(NULL AS INT128) AS "k"
  FROM "v0_labels" AS l
  ANTI JOIN "v0_newest"
    USING ("i")
  JOIN (
    SELECT
      "k0",
      MIN(GREATEST("e", "c")) AS "a"
    FROM "v0_older"
    SEMI JOIN "v0_labels"
      USING ("k0")
    GROUP BY
      "k0"
  ) AS o
    USING ("k0")
), "v0_match" AS MATERIALIZED (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM "v0_newest"
    UNION ALL
    SELECT
      *
    FROM "v0_expired"
  ) AS m
), "v0_found" AS MATERIALIZED (
  SELECT
    "k0",
    "k",
    "e",
    "c",
    "f0"
  FROM "v0_source"
  SEMI JOIN "v0_match"
    USING ("k0", "k")
), "v0_tied" AS MATERIALIZED (
  SELECT
    "k0",
    "k",
    COUNT(*) AS "n"
  FROM "v0_found"
  GROUP BY
    "k0",
    "k"
  HAVING
    COUNT(*) > 1
), "v0_rows" AS NOT MATERIALIZED (
  SELECT
    *
  FROM (
    SELECT
      "k0",
      "k",
      "e",
      "c",
      "f0",
      1 AS "n"
    FROM "v0_found"
    ANTI JOIN "v0_tied"
      USING ("k0", "k")
    UNION ALL
    SELECT
      "k0",
      "k",
      "e",
      "c",
      "f0",
      "n"
    FROM "v0_source"
    JOIN "v0_tied"
      USING ("k0", "k")
    QUALIFY
      ROW_NUMBER() OVER (
        PARTITION BY "k0", "k"
        ORDER BY "e" DESC, "c" DESC, "f0" + CAST(0 AS DOUBLE) DESC, NOT SIGNBIT("f0") DESC, "f1" DESC, "hc" DESC
      ) = 1
  ) AS u
), "v0" AS NOT MATERIALIZED (
  SELECT
    "m"."i",
    "r"."f0",
    CAST(CASE
      WHEN NOT "r"."n" IS NULL
      THEN 1 + CASE WHEN "r"."c" > "m"."t" THEN 4 ELSE 0 END + CASE WHEN "r"."n" > 1 THEN 8 ELSE 0 END
      WHEN "m"."k" IS NULL
      THEN 2
      ELSE NULL
    END AS TINYINT) AS "s",
    TRY_CAST(CAST("m"."t" AS INT128) - "r"."e" AS BIGINT) AS "a"
  FROM "v0_match" AS m
  LEFT JOIN "v0_rows" AS r
    USING ("k0", "k")
)
SELECT
  "labels"."i",
  "v0"."f0" AS "v0_f0",
  "v0"."s" AS "v0_s",
  "v0"."a" AS "v0_a"
FROM "labels"
LEFT JOIN "v0"
  USING ("i")
ORDER BY
  "labels"."i"
