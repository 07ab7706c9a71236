-- What is refused, and with which words.
SELECT croop FROM examples;
--! column "croop" does not exist
--! "examples.crop"
--! LINE 1: SELECT croop FROM examples
--! ^

SELECT * FROM example;
--! relation "example" does not exist
--! LINE 1

SELECT FROM WHERE;
--! syntax error at or near "WHERE"

SELECT CAST('walnut' AS INTEGER);
--! invalid input syntax for type integer: "walnut"

SELECT count(*) FROM tiles WHERE CAST(crop AS INTEGER) = 1;
--! invalid input syntax for type integer

CREATE TABLE mine (a INTEGER);
--! only a SELECT may be asked

DELETE FROM tiles RETURNING tile_id;
--! only a SELECT may be asked

WITH gone AS (DELETE FROM tiles RETURNING tile_id) SELECT count(*) FROM gone;
--! only a SELECT may be asked
--! read-only

SELECT tile_id FROM tiles FOR UPDATE;
--! only a SELECT may be asked

SELECT * INTO mine FROM tiles;
--! only a SELECT may be asked

SELECT set_config('transaction_read_only', 'off', false);
--! read-write mode

COPY tiles TO '/tmp/stolen.csv';
--! only a SELECT may be asked

COPY (SELECT 1) TO STDOUT;
--! only a SELECT may be asked

SELECT pg_read_file('/etc/passwd');
--! permission denied for function pg_read_file

SELECT pg_ls_dir('/');
--! permission denied for function pg_ls_dir

SELECT lo_import('/etc/passwd');
--! permission denied for function lo_import

SHOW work_mem;
--! only a SELECT may be asked

EXPLAIN ANALYZE SELECT 1;
--! only a SELECT may be asked

SET work_mem = '10GB';
--! only a SELECT may be asked

SELECT 1; SELECT 2;
--! holds 2 statements

SELECT $1::text;
--! has parameters
