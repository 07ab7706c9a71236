# SPDX-License-Identifier: Apache-2.0
"""The rows of a folder's catalog in a PostgreSQL of its own, and the dataset of a query as the database makes it by itself: COPY (SELECT ...) TO STDOUT.
"""
import collections
import concurrent.futures
import os
import pathlib
import subprocess
import sys

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("CANOPY_ROOT", str(ROOT))
sys.path.append(str(ROOT / "tests/system"))
from postgres_server import BIN, Server  # noqa: E402

# Memory and writing as on a machine that serves little else; what is loaded could be loaded again.
SETTINGS = {"shared_buffers": "2GB", "work_mem": "512MB", "maintenance_work_mem": "1GB", "max_wal_size": "16GB", "wal_level": "minimal",
            "max_wal_senders": 0, "autovacuum": "off"}
PARTS_AT_ONCE = 30
INDICES = "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'tiles'::regclass AND NOT indisprimary"
SPLIT = "CASE WHEN u < 0.8 THEN 'train' WHEN u < 0.9 THEN 'val' ELSE 'test' END"
# What `dataset create` writes, in its order; the split is the first 32 bits of the MD5 of the orchard's name.
DATASET = """COPY (SELECT tile_id, uri, bytes, {split} AS split, 1.0::float8 AS weight, label_kind, tile_key, survey_id, source_sha256, label_revision, farm, orchard,
 crop, cultivar, country, captured_on, sensor, bands, dtype, gsd_m, width_px, height_px, tree_count, dead_count, canopy_fraction, crown_px_median,
 touching_fraction FROM (SELECT *, ('x' || substr(md5(orchard), 1, 8))::bit(32)::bigint / 4294967296.0 AS u FROM examples WHERE {where}) AS chosen
 ORDER BY tile_id) TO STDOUT"""


class Postgres:
    def __init__(self, catalog: pathlib.Path, space: pathlib.Path, canopy: pathlib.Path):
        """Loads the parts of `catalog`; `space` becomes a workspace over them."""
        self.server, self.space = Server(**SETTINGS), space
        try:
            subprocess.run([canopy, "init", space], check=True, stdout=subprocess.DEVNULL)
            config = space / "canopy.toml"
            lines = config.read_text().splitlines()
            lines[lines.index("[catalog]") + 1] = f'url = "{self.server.url}"'
            config.write_text("\n".join(lines) + "\n")
            subprocess.run([canopy, "catalog", "sql", "SELECT 1", "--workspace", space], check=True, stdout=subprocess.DEVNULL)  # makes the tables
            self.load(sorted((catalog / "tiles").glob("*.parquet")))
        except BaseException:
            self.close()
            raise

    def sql(self, text):
        return self.server.sql("farm", text, user="tester")

    def load(self, parts):
        """By COPY, some parts at a time; indices are made once all rows are there."""
        columns = self.sql("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'tiles'::regclass AND attnum > 0")
        indices = self.sql(INDICES).splitlines()
        self.sql("ALTER TABLE tiles DROP CONSTRAINT tiles_pkey; " + "; ".join(f"DROP INDEX {index.split()[2]}" for index in indices))
        self.sql("ALTER TABLE tiles SET UNLOGGED")

        def load_some(begin):
            rows, files = self.space / f"{begin}.csv", ", ".join(f"'{part}'" for part in parts[begin:begin + PARTS_AT_ONCE])
            duckdb.connect(config={"threads": 1}).sql(f"COPY (SELECT {columns} FROM read_parquet([{files}])) TO '{rows}' (FORMAT csv, HEADER false)")
            with rows.open() as file:
                subprocess.run([*self.psql(), "-c", f"COPY tiles ({columns}) FROM STDIN (FORMAT csv)"], stdin=file, check=True)
            rows.unlink()

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(load_some, range(0, len(parts), PARTS_AT_ONCE)))
        self.sql("; ".join([*indices, "ALTER TABLE tiles ADD PRIMARY KEY (ingest_id, tile_id)",
                            "INSERT INTO ingests (ingest_id, tiles, rows_sha256) SELECT ingest_id, count(*), '' FROM tiles GROUP BY 1", "ANALYZE tiles"]))

    def psql(self):
        return [BIN / "psql", "-qAt", "-h", self.server.folder, "-U", "tester", "-d", "farm"]

    def copy_words(self, where):
        return [*self.psql(), "-o", self.space / "rows.tsv", "-c", DATASET.format(split=SPLIT, where=where)]

    def splits(self):
        """Tiles by split of what the last COPY gave."""
        with (self.space / "rows.tsv").open() as file:
            return dict(collections.Counter(line.split("\t", 4)[3] for line in file))

    def close(self):
        self.server.stop()
