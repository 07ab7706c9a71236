-- The table `tiles`: every row of every ingest.
SELECT ingest_id, count(*), sum(tree_count) FROM tiles GROUP BY ingest_id ORDER BY ingest_id;
--> 2024-alder | 6 | 75
--> 2024-birch | 4 | 86
--> 2025-fixed | 1 | 9
--> 2025-lemon | 5 | 160

-- What a tile lacks is NULL: bands that it has not, indices that cannot be had, words that nobody gave.
SELECT DISTINCT crop, blue_mean IS NULL, nir_mean IS NULL, ndvi_mean IS NULL, ndre_mean, cultivar, dsm_std
FROM tiles ORDER BY crop;
--> citrus | false | true | true | NULL | NULL | NULL
--> walnut | true | false | false | NULL | NULL | NULL

-- Free words of --meta are JSON.
SELECT orchard, window_x FROM examples WHERE (meta->>'block') = 'A3' ORDER BY orchard;
--> Alder | 1344
--> Birch | 1344
--> Lemon | 1344

-- Near duplicates: few bits of the perceptual hash differ.
SELECT a.window_x AS a, b.window_x AS b, bit_count(xor(a.phash, b.phash)) AS bits
FROM examples a JOIN examples b ON a.orchard = 'Birch' AND b.orchard = 'Birch' AND a.window_x < b.window_x
ORDER BY a, b;
--> 0 | 448 | 1
--> 0 | 896 | 1
--> 0 | 1344 | 2
--> 448 | 896 | 2
--> 448 | 1344 | 1
--> 896 | 1344 | 1
