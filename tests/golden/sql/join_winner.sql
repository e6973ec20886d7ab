SELECT
  "l"."i",
  "h"."f0",
  CAST(CASE
    WHEN NOT "l"."r" IS NULL
    THEN "l"."b" + 1 + CASE WHEN COALESCE("h"."c", "l"."e") > "l"."t" THEN 4 ELSE 0 END
    ELSE "l"."b"
  END AS TINYINT) AS "s",
  TRY_CAST(CAST("l"."t" AS INT128) - "l"."e" AS BIGINT) AS "a"
FROM "labels" AS l
LEFT JOIN (
  SELECT
    "w"."i",
    h.*
  FROM (
    SELECT
      "visibility" AS "f0",
      CASE
        WHEN TYPEOF("written") IN ('TIMESTAMP_NS', 'TIMESTAMPTZ_NS')
        THEN EPOCH_NS(CAST("written" AS TIMESTAMP_NS)) // 1000 - CAST((
          EPOCH_NS(CAST("written" AS TIMESTAMP_NS)) % 1000 < 0
        ) AS BIGINT)
        ELSE NULLIF(EPOCH_US(CAST("written" AS TIMESTAMPTZ)), CAST(-9223372036854775808 AS BIGINT))
      END AS "c",
      "file_row_number" AS "r"
    FROM READ_PARQUET(['/data/w.parquet'], union_by_name = TRUE, hive_partitioning = FALSE)
  ) AS h
  JOIN (
    SELECT
      "i",
      "r"
    FROM "labels"
    WHERE
      NOT "r" IS NULL
  ) AS w
    ON "w"."r" = "h"."r"
) AS h
  USING ("i")
ORDER BY
  "l"."i"
