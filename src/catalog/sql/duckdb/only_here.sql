-- What DuckDB alone understands; docs/postgres.md says what to write elsewhere.
FROM examples SELECT max(touching_fraction) WHERE crop = 'walnut';
--> 0.5

SELECT window_x // 448 AS number FROM examples WHERE orchard = 'Birch' ORDER BY ALL;
--> 0
--> 1
--> 2
--> 3

SELECT orchard, window_x FROM examples QUALIFY row_number() OVER (PARTITION BY orchard ORDER BY tree_count DESC) = 1
ORDER BY orchard;
--> Alder | 2240
--> Birch | 1344
--> Lemon | 1792

-- Types that are neither flags, numbers nor text come as the engine's text.
SELECT list(tree_count ORDER BY tree_count), DATE '2024-02-29', {'a': 1, 'b': NULL}, 1.25::DECIMAL(9, 3),
  170141183460469231731687303715884105727::HUGEINT, (-5)::HUGEINT, 255::UTINYINT
FROM tiles WHERE orchard = 'Birch';
--> [20, 21, 22, 23] | 2024-02-29 | {'a': 1, 'b': NULL} | 1.25 | 1.7014118346046923e+38 | -5 | 255
