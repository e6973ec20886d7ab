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
        "visibility" AS "f0",
        "wind" AS "f1"
      FROM READ_PARQUET(['/data/w.parquet'], union_by_name = TRUE, hive_partitioning = FALSE)
      WHERE
        "at" < '2024-01-01 12:00:00.000001'
    ) AS r
    WHERE
      NOT "k0" IS NULL
      AND NOT "e" IS NULL
      AND (
        NOT "c" IS NULL OR NOT "hc"
      )
      AND "e" <= 1704110400000000
  ) AS r
), "vr0_known" AS MATERIALIZED (
  SELECT
    "k0",
    "e",
    "c",
    "k"
  FROM "vr0_source"
  SEMI JOIN "vr0_labels"
    USING ("k0")
), "vr0_placed" AS MATERIALIZED (
  SELECT
    "r"."k0",
    r."k",
    x."g",
    me."b" AS "re",
    mc."b" AS "rc"
  FROM "vr0_known" AS r
  JOIN "v_in_generations" AS x
    ON x."m" = 0 AND (
      r."e" >= x."lo" OR r."c" > x."cb"
    )
  ASOF JOIN "v_in_event_marks" AS me
    ON me."g" = x."g" AND r."e" >= me."b"
  ASOF JOIN "v_in_created_marks" AS mc
    ON mc."g" = x."g" AND r."c" >= mc."b"
), "vr0_first" AS MATERIALIZED (
  SELECT
    c."g",
    c."re",
    c."rc",
    CASE
      WHEN s."hi" >= c."re" AND (
        s."lo" <= c."re" OR s."cb" < c."rc"
      )
      THEN s."f"
    END AS "a"
  FROM (
    SELECT DISTINCT
      "g",
      "re",
      "rc"
    FROM "vr0_placed"
  ) AS c
  ASOF LEFT JOIN "v_in_starts" AS s
    ON s."g" = c."g" AND c."rc" <= s."s"
), "vr0_loaded" AS MATERIALIZED (
  SELECT
    *
  FROM (
    SELECT
      "g",
      "re",
      "rc",
      "a"
    FROM "vr0_first"
    WHERE
      NOT "a" IS NULL
    UNION ALL
    SELECT
      c."g",
      c."re",
      c."rc",
      ARG_MIN(l."f", l."n") AS "a"
    FROM "vr0_first" AS c
    JOIN "v_in_loads" AS l
      ON l."g" = c."g"
      AND l."s" >= c."rc"
      AND l."hi" >= c."re"
      AND (
        l."lo" <= c."re" OR l."cb" < c."rc"
      )
    WHERE
      c."a" IS NULL
    GROUP BY
      c."g",
      c."re",
      c."rc"
  ) AS u
), "vr0_moments" AS NOT MATERIALIZED (
  SELECT
    "p"."k0",
    p."g",
    d."a",
    MAX(p."k") AS "k"
  FROM "vr0_placed" AS p
  JOIN "vr0_loaded" AS d
    ON d."g" = p."g" AND d."re" = p."re" AND d."rc" = p."rc"
  GROUP BY
    "p"."k0",
    p."g",
    d."a"
), "vr0_history" AS NOT MATERIALIZED (
  SELECT
    "k0",
    "g",
    "a",
    MAX("k") OVER (PARTITION BY "k0", "g" ORDER BY "a") AS "k"
  FROM "vr0_moments"
), "vr0_newest" AS NOT MATERIALIZED (
  SELECT
    l.*,
    h."k" AS "h"
  FROM "vr0_labels" AS l
  ASOF LEFT JOIN "vr0_history" AS h
    ON "l"."g" = "h"."g" AND "l"."k0" = "h"."k0" AND "l"."t" >= "h"."a"
), "vr0_match" AS MATERIALIZED (
  SELECT
    "i",
    "t",
    "z",
    "k0",
    CASE WHEN NOT "old" OR "p" & 64 > 0 THEN "h" END AS "k",
    CASE WHEN NOT "h" IS NULL THEN CASE WHEN "old" THEN "p" ELSE 1 END END AS "x"
  FROM (
    SELECT
      *,
      (
        NOT "ttl" IS NULL
        AND "h" < CAST(GREATEST(CAST("t" AS INT128) - "ttl", -9223372036854775807) AS INT128) * 18446744073709551616 + -9223372036854775808 + 1
      ) AS "old"
    FROM "vr0_newest"
  ) AS l
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
      ROW_NUMBER() OVER (
        PARTITION BY "k0", "k"
        ORDER BY "e" DESC, "c" DESC, "f0" + CAST(0 AS DOUBLE) DESC, NOT SIGNBIT("f0") DESC, "f1" DESC, "hc" DESC
      ) = 1
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
    END AS DOUBLE) AS "f0",
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
      CAST(NULL AS DOUBLE) AS "f0",
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
