WITH "v_then" AS MATERIALIZED (
  SELECT
    l."i",
    l."t",
    "l"."x0" AS "k0",
    z."z",
    z."g",
    z."m",
    z."ttl",
    z."p",
    z."r"
  FROM "labels" AS l
  ASOF JOIN "v_in_stretches" AS z
    ON l."t" >= z."b"
  WHERE
    NOT l."t" IS NULL AND NOT "l"."x0" IS NULL
), "vr0_labels" AS MATERIALIZED (
  SELECT
    *
  FROM "v_then"
  WHERE
    "m" = 0
), "vr0_source" AS NOT MATERIALIZED (
  SELECT
    *,
    CAST(0 AS INT128) AS "k"
  FROM (
    SELECT
      "k0",
      "e",
      COALESCE("c", "e") AS "c",
      "hc",
      "f0"
    FROM (
      SELECT
        "airport" AS "k0",
        CAST(NULL AS BIGINT) AS "e",
        CAST(NULL AS BIGINT) AS "c",
        FALSE AS "hc",
        "altitude" AS "f0"
      FROM READ_PARQUET(['/data/a.parquet'], union_by_name = TRUE, hive_partitioning = FALSE)
    ) AS r
    WHERE
      NOT "k0" IS NULL
  ) AS r
), "vr0_known" AS NOT MATERIALIZED (
  SELECT
    "k0",
    CAST(-9223372036854775808 AS BIGINT) AS "e"
  FROM "vr0_source"
), "vr0_match" AS MATERIALIZED (
  SELECT
    "i",
    "t",
    "z",
    "k0",
    CASE WHEN "t" >= "r" THEN CAST(0 AS INT128) END AS "k",
    CASE WHEN "t" >= "r" THEN 1 END AS "x"
  FROM "vr0_labels"
), "vr0_since" AS NOT MATERIALIZED (
  SELECT
    "k0",
    MIN("e") AS "b"
  FROM "vr0_known"
  GROUP BY
    "k0"
), "vr0_found" AS MATERIALIZED (
  SELECT
    "k0",
    "k",
    "e",
    "c",
    "f0"
  FROM "vr0_source"
  SEMI JOIN "vr0_match"
    USING ("k0", "k")
), "vr0_tied" AS MATERIALIZED (
  SELECT
    "k0",
    "k",
    COUNT(*) AS "n"
  FROM "vr0_found"
  GROUP BY
    "k0",
    "k"
  HAVING
    COUNT(*) > 1
), "vr0_rows" AS NOT MATERIALIZED (
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
    FROM "vr0_found"
    ANTI JOIN "vr0_tied"
      USING ("k0", "k")
    UNION ALL
    SELECT
      "k0",
      "k",
      "e",
      "c",
      "f0",
      "n"
    FROM "vr0_source"
    JOIN "vr0_tied"
      USING ("k0", "k")
    QUALIFY
      ROW_NUMBER() OVER (PARTITION BY "k0", "k" ORDER BY "e" DESC, "c" DESC, "f0" DESC, "hc" DESC) = 1
  ) AS u
), "vr0" AS NOT MATERIALIZED (
  SELECT
    m."i",
    CAST(CASE
      WHEN m."x" & 128 > 0
      THEN "z"."d0"
      WHEN r."n" IS NULL
      THEN NULL
      WHEN m."t" >= z."q0" AND (
        z."y0" IS NULL OR r."e" >= z."y0"
      )
      THEN "r"."f0"
      ELSE "z"."d0"
    END AS INT) AS "f0",
    CAST(CASE
      WHEN NOT r."n" IS NULL OR m."x" >= 2
      THEN m."x" + CASE WHEN r."n" > 1 THEN 8 ELSE 0 END
      WHEN o."b" <= m."t"
      THEN 16
      ELSE 0
    END + CASE WHEN z."u" THEN 32 ELSE 0 END + CASE WHEN z."w" THEN 512 ELSE 0 END AS SMALLINT) AS "s",
    TRY_CAST(CAST(m."t" AS INT128) - r."e" AS BIGINT) AS "a"
  FROM "vr0_match" AS m
  JOIN "v_in_stretches" AS z
    ON z."z" = m."z"
  LEFT JOIN "vr0_rows" AS r
    ON "r"."k0" = "m"."k0" AND r."k" = m."k"
  LEFT JOIN "vr0_since" AS o
    ON "o"."k0" = "m"."k0"
), "v" AS NOT MATERIALIZED (
  SELECT
    *
  FROM (
    SELECT
      "i",
      CAST(NULL AS INT) AS "f0",
      CAST(32 AS SMALLINT) AS "s",
      CAST(NULL AS BIGINT) AS "a"
    FROM "v_then"
    WHERE
      "m" IS NULL
    UNION ALL
    SELECT
      *
    FROM "vr0"
  ) AS u
)
SELECT
  "labels"."i",
  "v"."f0",
  "v"."s",
  "v"."a"
FROM "labels"
LEFT JOIN "v" AS v
  ON v."i" = labels."i"
ORDER BY
  "labels"."i"
