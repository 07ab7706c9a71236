# SPDX-License-Identifier: Apache-2.0
"""A dataset's croissant.json before the checker and the reader of those who keep the format (mlcroissant)."""
import re
import unittest

import mlcroissant
import pyarrow.parquet

from program import FolderTest, canopy, orchard, workspace


class Croissant(FolderTest):
    def test_the_public_checker_finds_no_error_and_its_reader_finds_every_row_and_column(self):
        made = orchard(self.folder / "orchard", size_m=60)
        space = workspace(self.folder / "w")
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "crop=oak", "--workspace", space)
        canopy("dataset", "create", "oaks", "split-by=tile_key", "--workspace", space)
        (dataset,) = (space / "datasets").glob("oaks-*")

        described = mlcroissant.Dataset(jsonld=dataset / "croissant.json")
        self.assertEqual(list(described.metadata.issues.errors), [])
        left_to_the_owner = {re.search(r'"[^"]*/([a-zA-Z]+)" is recommended', warning)[1] for warning in described.metadata.issues.warnings}
        self.assertEqual(left_to_the_owner, {"citeAs", "license"})

        rows = pyarrow.parquet.read_table(dataset / "part-0.parquet").to_pylist()
        records = list(described.records("tiles"))
        self.assertEqual(len(records), len(rows))
        plain = [{name.split("/")[1]: text(value) for name, value in record.items()} for record in records]
        self.assertEqual({row["tile_id"] for row in rows}, {record["tile_id"] for record in plain})
        self.assertEqual(set(rows[0]), set(plain[0]))
        self.assertEqual({record["crop"] for record in plain}, {"oak"})


def text(value):
    return value.decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
    unittest.main()
