-- What both engines understand in the same way: the questions of docs/postgres.md's left column.

-- Text compares by its bytes.
SELECT DISTINCT orchard, cultivar FROM examples WHERE orchard >= 'Birch' ORDER BY orchard DESC;
--> Lemon | NULL
--> Birch | NULL

-- Shares of whole numbers: a number with a point makes a number with a point.
SELECT 7 / 2.0, floor(7 / 2.0), 7 % 2, round(2.345, 2);
--> 3.5 | 3 | 1 | 2.35

SELECT DISTINCT floor(window_x / 448.0) AS place FROM examples WHERE orchard = 'Birch' ORDER BY place;
--> 0
--> 1
--> 2
--> 3

-- The split of a text: the first digits of its MD5.
SELECT substr(md5('walnut'), 1, 8), md5(CAST(42 AS VARCHAR)) = md5('42'), length('walnut');
--> 72fc13e6 | true | 6

-- At most two tiles of each orchard, those with the most trees: a cap per group.
SELECT orchard, tree_count FROM (
  SELECT orchard, tree_count, row_number() OVER (PARTITION BY orchard ORDER BY tree_count DESC, tile_id) AS place FROM examples
) AS ranked WHERE place <= 2 ORDER BY orchard, tree_count DESC;
--> Alder | 15
--> Alder | 14
--> Birch | 23
--> Birch | 22
--> Lemon | 34
--> Lemon | 33

-- Of near duplicates (two bits or fewer apart) within an orchard the first stays.
SELECT orchard, count(*) FROM examples AS one WHERE NOT EXISTS (
  SELECT 1 FROM examples AS other WHERE other.orchard = one.orchard AND other.tile_id < one.tile_id
    AND bit_count(xor(other.phash, one.phash)) <= 2)
GROUP BY orchard ORDER BY orchard;
--> Alder | 1
--> Birch | 1
--> Lemon | 1

-- Words of --meta, their absence, and numbers in them. In brackets: to DuckDB the arrow binds less than AND and IN.
SELECT meta->>'block', meta->>'row', CAST(substr((meta->>'block'), 2) AS INTEGER) + 1 FROM examples
WHERE orchard = 'Birch' AND (meta->>'block') IN ('A1', 'A2') ORDER BY 1;
--> A1 | NULL | 2
--> A2 | NULL | 3

-- Sums, means and counts under a condition.
SELECT crop, count(*), count(*) FILTER (WHERE tree_count > 20), sum(tree_count), avg(gsd_m) > 0.03, min(tree_count)
FROM examples GROUP BY crop ORDER BY crop;
--> citrus | 5 | 5 | 160 | true | 30
--> walnut | 10 | 3 | 160 | true | 9

-- Weights that follow a column, and what to write where a value is missing.
SELECT orchard, max(CASE WHEN ndvi_mean IS NULL THEN 1.0 ELSE 0.5 END), max(coalesce(ndvi_mean, 0)) FROM examples
GROUP BY orchard ORDER BY orchard;
--> Alder | 0.5 | 0.55
--> Birch | 0.5 | 0.53
--> Lemon | 1 | 0

-- Dates are text in the catalog; a cast makes them dates.
SELECT CAST('2026-02-11' AS DATE) > CAST('2026-02-10' AS DATE), extract(month FROM CAST('2026-02-11' AS DATE)), '2026-02-11' < '2026-03';
--> true | 2 | true

-- Names in a list, patterns, and the other case.
SELECT count(*) FROM examples WHERE orchard IN ('Alder', 'Lemon') AND source_uri LIKE 'A%' AND lower(crop) = 'walnut';
--> 6

WITH few AS (SELECT orchard, count(*) AS tiles FROM examples GROUP BY orchard HAVING count(*) < 6)
SELECT string_agg(orchard, ',' ORDER BY orchard), sum(tiles) FROM few;
--> Birch,Lemon | 9

-- A lasting random sample: a quarter of the tiles, the same whenever it is asked.
SELECT count(*) BETWEEN 1 AND 9 FROM examples WHERE substr(md5(tile_id), 1, 2) < '40';
--> true

SELECT crop, cultivar FROM examples ORDER BY cultivar DESC NULLS LAST, crop LIMIT 1;
--> citrus | NULL

SELECT tile_key IS NULL FROM examples LIMIT 0;
