#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A workspace with a catalog of N rows, as a company of many farms would have: for measuring, without a single picture.

    .deps/arrow/bin/python benchmark/catalog/make_catalog.py FOLDER --rows 3100000 [--rows-per-part 5000]

One part is one orthomosaic: one orchard of one farm with one crop, sensor and date; a tenth of the mosaics are labelled anew (revision 2 of the
same pictures). Every column is filled, with numbers of the size and spread that ingest gives. The same arguments give the same rows.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BANDS = ("blue", "green", "red", "red_edge", "nir")
# What is not said here is NULL: bands that the camera lacks.
COLUMNS = {
    "tile_id": "sha256('tile ' || i)",
    "tile_key": "sha256('picture ' || (i - CASE WHEN again THEN {per_part} ELSE 0 END))",
    "uri": "substr(tile_id, 1, 2) || '/' || substr(tile_id, 3) || '.example.gz'",
    "bytes": "CAST(900000 + 400000 * u1 AS BIGINT)", "schema_version": "CAST(1 AS BIGINT)",
    "survey_id": "'survey-' || part", "source_uri": "'surveys/' || part || '.tif'", "source_sha256": "source", "ingest_id": "ingest",
    "ingested_at": "'2026-0' || (1 + part % 9) || '-11T08:30:00Z'",
    "window_x": "CAST(448 * (k % 71) AS BIGINT)", "window_y": "CAST(448 * (k // 71) AS BIGINT)",
    "width_px": "CAST(512 AS BIGINT)", "height_px": "CAST(512 AS BIGINT)", "label_revision": "CAST(CASE WHEN again THEN 2 ELSE 1 END AS BIGINT)",
    "labels_uri": "'labels/' || part || '.gpkg'", "labels_sha256": "source", "label_kind": "CASE WHEN part % 5 = 4 THEN 'box' ELSE 'mask' END",
    "labeller": "'labeller-' || part % 23", "farm": "'farm-' || part % 400", "orchard": "'orchard-' || part // 2",
    "crop": "['citrus', 'citrus', 'walnut', 'almond', 'apple', 'vine', 'macadamia', 'avocado'][1 + part % 8]",
    "cultivar": "'cultivar-' || part % 61", "country": "['ZA', 'US', 'AU', 'CL', 'ES'][1 + part % 5]", "crs": "'EPSG:327' || (30 + part % 30)",
    "lon": "18 + (part % 100) / 10 + u1 / 100", "lat": "-33 - (part % 37) / 10 - u2 / 100",
    "x_min": "300000 + 17.92 * (k % 71)", "y_min": "6200000 + 17.92 * (k // 71)", "x_max": "300020.48 + 17.92 * (k % 71)",
    "y_max": "6200020.48 + 17.92 * (k // 71)", "captured_on": "strftime(DATE '2019-01-01' + CAST(part % 2700 AS INTEGER), '%Y-%m-%d')",
    "sensor": "['MicaSense RedEdge-P', 'MicaSense Altum', 'DJI M3M'][1 + part % 3]", "bands": "'blue,green,red,red_edge,nir'", "dtype": "'uint16'",
    "gsd_m": "[0.03, 0.04, 0.05, 0.06, 0.08, 0.12][1 + part % 6]", "valid_fraction": "least(1, 0.7 + u3)",
    "ndvi_mean": "0.3 + 0.5 * u1", "ndre_mean": "0.1 + 0.3 * u2", "sharpness": "0.2 + u3 * u3", "saturated_fraction": "0.001 * u1 * u2",
    "gzip_ratio": "1.6 + u2", "phash": "CAST(hash(i) // 2 AS BIGINT)",
    "tree_count": "CAST(40 * u1 * u1 AS BIGINT)", "dead_count": "CAST(greatest(0, 12 * u2 - 11) AS BIGINT)", "canopy_fraction": "0.7 * u1",
    "crown_area_m2_min": "2 + 3 * u2", "crown_area_m2_median": "9 + 12 * u3", "crown_area_m2_max": "25 + 40 * u1", "crown_px_median": "(9 + 12 * u3) * 625",
    "touching_fraction": "greatest(0, u3 - 0.4)", "spacing_m_median": "3 + 3 * u2", "cut_by_edge": "u1 > 0.1",
    "meta": "'{{\"block\":\"A' || part % 12 || '\"}}'",
}
for number, band in enumerate(BANDS):
    COLUMNS[f"{band}_mean"] = f"{0.04 + 0.09 * number} + 0.05 * u{1 + number % 3}"
    COLUMNS[f"{band}_std"] = f"0.01 + 0.03 * u{1 + (number + 1) % 3}"


def make(folder: pathlib.Path, rows: int, per_part: int, canopy: pathlib.Path) -> None:
    subprocess.run([canopy, "init", folder], check=True, stdout=subprocess.DEVNULL)
    described = json.loads(subprocess.run([canopy, "catalog", "sql", "DESCRIBE tiles", "--json", "--workspace", folder], check=True, capture_output=True).stdout)
    unknown = set(COLUMNS) - {column["column_name"] for column in described}
    if unknown:
        sys.exit(f"error: {', '.join(sorted(unknown))}: the catalog has no such column any more; mend COLUMNS")
    picks = ", ".join(f"CAST({COLUMNS.get(c['column_name'], 'NULL').format(per_part=per_part)} AS {c['column_type']}) AS {c['column_name']}" for c in described)
    connection = duckdb.connect()
    for part, begin in enumerate(range(0, rows, per_part)):
        end, ingest = min(rows, begin + per_part), f"mosaic-{part:06d}"
        source = f"WITH base AS (SELECT i, i - {begin} AS k, hash(i, 1) / 18446744073709551616 AS u1, hash(i, 2) / 18446744073709551616 AS u2, " \
                 f"hash(i, 3) / 18446744073709551616 AS u3, CAST({part} AS BIGINT) AS part, {part % 10 == 9} AS again, '{ingest}' AS ingest, " \
                 f"sha256('{ingest}') AS source FROM range({begin}, {end}) AS t(i)) SELECT {picks} FROM base ORDER BY tile_id"
        connection.execute(f"COPY ({source}) TO '{folder}/catalog/tiles/{ingest}.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, "
                           "ROW_GROUP_SIZE 122880, KV_METADATA {canopy_part_schema: '1'})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=3_100_000)
    parser.add_argument("--rows-per-part", type=int, default=5_000)
    parser.add_argument("--canopy", type=pathlib.Path, default=ROOT / "build/release/bin/canopy")
    args = parser.parse_args()
    make(args.folder, args.rows, args.rows_per_part, args.canopy)


if __name__ == "__main__":
    main()
