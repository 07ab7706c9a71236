-- The view `examples`: of each picture the latest revision of its labels.
SELECT orchard, count(*) FROM examples GROUP BY orchard ORDER BY orchard;
--> Alder | 6
--> Birch | 4
--> Lemon | 5

SELECT label_revision, ingest_id, tree_count FROM examples WHERE orchard = 'Alder' AND window_x = 0;
--> 2 | 2025-fixed | 9

-- A condition sees the latest revision alone: the picture does not come back as it was before.
SELECT count(*) FROM examples WHERE tree_count = 10;
--> 0

SELECT count(*), count(DISTINCT tile_key), count(DISTINCT tile_id) FROM examples;
--> 15 | 15 | 15

-- The columns of scores are there before any run has scored a tile.
SELECT count(loss), count(difficulty), count(run_id) FROM examples;
--> 0 | 0 | 0

SELECT count(*) FROM scores;
--> 0

SELECT max(touching_fraction) FROM examples WHERE crop = 'walnut';
--> 0.5
