WITH "given" AS MATERIALIZED (
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
)
SELECT
  "i",
  "e",
  CAST("last" - CAST("e" AS INT128) * 18446744073709551616 AS BIGINT) AS "r",
  CAST("last" - CAST("e" AS INT128) * 18446744073709551616 AS BIGINT) <> -CAST("first" - CAST("e" AS INT128) * 18446744073709551616 AS BIGINT) AS "several"
FROM (
  SELECT
    *,
    CAST("last" >> 64 AS BIGINT) AS "e"
  FROM (
    SELECT
      "i",
      MAX("last") AS "last",
      MAX("first") AS "first"
    FROM (
      SELECT
        "l"."i",
        MAX(CAST("h"."e" AS INT128) * 18446744073709551616 + "h"."r") AS "last",
        MAX(CAST("h"."e" AS INT128) * 18446744073709551616 + -"h"."r") AS "first"
      FROM "given" AS l
      JOIN (
        SELECT
          *,
          "e" // 3600000000 AS "b"
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
      ) AS h
        ON "l"."k0" = "h"."k0" AND "l"."b" = "h"."b" AND "h"."e" <= "l"."t"
      GROUP BY
        "l"."i"
      UNION ALL
      SELECT
        "l"."i",
        "h"."last",
        "h"."first"
      FROM "given" AS l
      ASOF JOIN (
        SELECT
          "k0",
          "b",
          MAX(CAST("e" AS INT128) * 18446744073709551616 + "r") AS "last",
          MAX(CAST("e" AS INT128) * 18446744073709551616 + -"r") AS "first"
        FROM (
          SELECT
            *,
            "e" // 3600000000 AS "b"
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
        ) AS h
        SEMI JOIN "given"
          USING ("k0")
        GROUP BY
          "k0",
          "b"
      ) AS h
        ON "l"."k0" = "h"."k0" AND "l"."b" > "h"."b"
    ) AS u
    GROUP BY
      "i"
  ) AS m
) AS m
