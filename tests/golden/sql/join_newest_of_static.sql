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
  "l"."i",
  CAST(NULL AS BIGINT) AS "e",
  "h"."r",
  "h"."several"
FROM "given" AS l
JOIN (
  SELECT
    "k0",
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
        CAST(NULL AS BIGINT) AS "e",
        CAST(NULL AS BIGINT) AS "c",
        FALSE AS "hc",
        "file_row_number" AS "r"
      FROM READ_PARQUET(['/data/a.parquet'], union_by_name = TRUE, hive_partitioning = FALSE)
    ) AS r
    WHERE
      NOT "k0" IS NULL
  ) AS h
  SEMI JOIN "given"
    USING ("k0")
  GROUP BY
    "k0"
) AS h
  ON "l"."k0" = "h"."k0"
