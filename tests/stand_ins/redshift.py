# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a Redshift cluster, for tests: buenavista, which speaks PostgreSQL's protocol over DuckDB, taught UNLOAD.

usage: redshift.py PORT S3_ENDPOINT KEY SECRET PARTS      PARTS: a pattern of Parquet parts of a catalog

It takes statements as plain text alone, knows nothing of roles, writes one file per UNLOAD, and refuses, as Redshift does, a
place where something lies. It is no Redshift: what a cluster says of our SQL it cannot tell.
"""
import importlib.util
import re
import sys

import duckdb
from buenavista import postgres
from buenavista.backends import duckdb as backend

UNLOAD = re.compile(r"^\s*UNLOAD\s*\(\s*'((?:[^']|'')*)'\s*\)\s*TO\s*'([^']+)'\s*IAM_ROLE\s*('[^']+'|default)(.*)$", re.I | re.S)
PASSED_OVER = re.compile(r"^\s*(BEGIN READ ONLY|SET statement_timeout TO \d+)\s*$", re.I)


class Session(backend.DuckDBSession):
    def execute_sql(self, sql, params=None):
        if PASSED_OVER.match(sql):
            return backend.DuckDBQueryResult(status="SET")
        found = UNLOAD.match(sql)
        if not found:
            return super().execute_sql(sql, params)
        query, place, _, rest = found.groups()
        if "FORMAT PARQUET" not in rest.upper():
            raise Exception("the stand-in knows FORMAT PARQUET alone")
        if self._cursor.execute("SELECT count(*) FROM glob(?)", [place + "*"]).fetchone()[0]:
            raise Exception("the place of UNLOAD is not empty")
        self._cursor.execute(f"COPY ({query.replace(chr(39) * 2, chr(39))}) TO '{place}0000_part_00.parquet' (FORMAT parquet)")
        return backend.DuckDBQueryResult(status="UNLOAD")


class Connection(backend.DuckDBConnection):
    def new_session(self):
        cursor = self.db.cursor()
        cursor.execute("SET search_path='main'")
        return Session(cursor)


def main():
    port, endpoint, key, secret, parts = sys.argv[1:]
    database = duckdb.connect()
    folder = importlib.util.find_spec("duckdb_extension_httpfs").submodule_search_locations[0]
    database.execute(f"LOAD '{folder}/extensions/v{duckdb.__version__}/httpfs.duckdb_extension'")
    database.execute(f"CREATE SECRET (TYPE s3, KEY_ID '{key}', SECRET '{secret}', REGION 'us-east-1', ENDPOINT '{endpoint}',"
                     " USE_SSL false, URL_STYLE 'path')")
    database.execute(f"CREATE TABLE tiles AS SELECT * FROM read_parquet('{parts}')")
    database.execute("CREATE VIEW examples AS SELECT * EXCLUDE (age) FROM (SELECT *, row_number() OVER (PARTITION BY tile_key ORDER BY"
                     " label_revision DESC, ingested_at DESC, ingest_id DESC, tile_id DESC) AS age FROM tiles) WHERE age = 1")
    server = postgres.BuenaVistaServer(("127.0.0.1", int(port)), Connection(database))
    server.daemon_threads = True
    print("up", flush=True)
    server.serve_forever()


main()
