-- What PostgreSQL alone understands.
SELECT DISTINCT ON (orchard) orchard, window_x FROM examples ORDER BY orchard, tree_count DESC;
--> Alder | 2240
--> Birch | 1344
--> Lemon | 1792

SELECT window_x / 448 AS number, 7 / 2 FROM examples WHERE orchard = 'Birch' ORDER BY number;
--> 0 | 3
--> 1 | 3
--> 2 | 3
--> 3 | 3

-- Types that are neither flags, numbers nor text come as the engine's text.
SELECT array_agg(tree_count ORDER BY tree_count), DATE '2024-02-29', 1.25::DECIMAL(9, 3),
  170141183460469231731687303715884105727, meta
FROM tiles WHERE orchard = 'Birch' AND window_x = 0 GROUP BY meta::text, meta->>'block', tiles.ingest_id, tiles.tile_id;
--> {20} | 2024-02-29 | 1.25 | 1.7014118346046923e+38 | {"block":"A0"}

-- A group by JSON is one by its text.
SELECT meta::text, count(*) FROM examples WHERE meta->>'block' = 'A3' GROUP BY meta::text;
--> {"block":"A3"} | 3
