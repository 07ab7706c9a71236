#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `canopy dataset create` does, as a good engineer would write it with pyarrow and pandas: read the columns, keep of each picture its latest
revision, filter, split by orchard, sort by tile_id, write Parquet, hash what was read and written. Prints the number of tiles by split.

    pandas_snapshot.py CATALOG OUT crop=walnut gsd_m=0.1 | tree_count=0
"""
import hashlib
import json
import pathlib
import sys

import pandas
import pyarrow
import pyarrow.compute as compute
import pyarrow.dataset
import pyarrow.parquet

COLUMNS = ["tile_id", "uri", "bytes", "label_kind", "tile_key", "survey_id", "source_sha256", "label_revision", "farm", "orchard", "crop", "cultivar", "country",
           "captured_on", "sensor", "bands", "dtype", "gsd_m", "width_px", "height_px", "tree_count", "dead_count", "canopy_fraction", "crown_px_median",
           "touching_fraction"]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def split_of(orchard):
    u = int(hashlib.md5(orchard.encode()).hexdigest()[:8], 16) / 2**32
    return "train" if u < 0.8 else "val" if u < 0.9 else "test"


def outdated(parts):
    """tile_id of the rows that another row of the same picture supersedes."""
    keys = parts.to_table(columns=["tile_id", "tile_key", "label_revision", "ingested_at", "ingest_id"])
    counts = keys.group_by("tile_key").aggregate([([], "count_all")])
    twice = counts.filter(compute.greater(counts["count_all"], 1))["tile_key"]
    contested = keys.filter(compute.is_in(keys["tile_key"], value_set=twice)).to_pandas()
    contested = contested.sort_values(["tile_key", "label_revision", "ingested_at", "ingest_id", "tile_id"])
    return pyarrow.array(contested[contested.duplicated("tile_key", keep="last")]["tile_id"])


def main():
    catalog, out, *conditions = sys.argv[1:]
    files = sorted(pathlib.Path(catalog, "tiles").glob("*.parquet"))
    parts = pyarrow.dataset.dataset([str(f) for f in files])
    field = pyarrow.dataset.field
    tests = {"crop": lambda v: field("crop") == v, "gsd_m": lambda v: field("gsd_m") <= float(v), "tree_count": lambda v: field("tree_count") > int(v)}
    condition = None
    for name, value in (c.split("=") for c in conditions):
        condition = tests[name](value) if condition is None else condition & tests[name](value)
    old = outdated(parts)
    table = parts.to_table(columns=COLUMNS, filter=condition)
    table = table.filter(compute.invert(compute.is_in(table["tile_id"], value_set=old)))
    orchards = table["orchard"].combine_chunks().dictionary_encode()
    splits = pyarrow.array([split_of(o) for o in orchards.dictionary.to_pylist()])
    table = table.append_column("split", pyarrow.chunked_array([splits.take(orchards.indices)]))
    table = table.sort_by("tile_id")
    pyarrow.parquet.write_table(table, out, compression="zstd", compression_level=1, row_group_size=122880)
    hashes = {str(f.name): digest(f) for f in files}
    pathlib.Path(out + ".json").write_text(json.dumps({"id": digest(out), "parts": hashes}))
    print(json.dumps({name: int(n) for name, n in table["split"].to_pandas().value_counts().items()}))


if __name__ == "__main__":
    main()
