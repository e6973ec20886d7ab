SELECT
  "l"."i",
  "h"."f0",
  CAST(CASE WHEN NOT "l"."r" IS NULL THEN "l"."b" + 1 ELSE "l"."b" END AS TINYINT) AS "s",
  TRY_CAST(CAST("l"."t" AS INT128) - "l"."e" AS BIGINT) AS "a"
FROM "labels" AS l
LEFT JOIN (
  SELECT
    "w"."i",
    h.*
  FROM (
    SELECT
      "altitude" AS "f0",
      "file_row_number" AS "r"
    FROM READ_PARQUET(['/data/a.parquet'], union_by_name = TRUE, hive_partitioning = FALSE)
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
