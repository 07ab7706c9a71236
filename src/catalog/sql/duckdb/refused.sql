-- What is refused, and with which words.
SELECT croop FROM examples;
--! croop
--! "crop"
--! LINE 1

SELECT * FROM example;
--! examples

SELECT FROM WHERE;
--! syntax error

SELECT CAST('walnut' AS INTEGER);
--! Could not convert string 'walnut'

CREATE TABLE mine (a INTEGER);
--! only a SELECT may be asked

DELETE FROM tiles;
--! Can only delete from base table

COPY tiles TO 'stolen.csv';
--! file system operations are disabled

SELECT * FROM read_csv('/etc/passwd');
--! file system operations are disabled

SELECT $1;
--! has parameters
