# SPDX-License-Identifier: Apache-2.0
"""From a mosaic with labels to an immutable dataset: the same twice, and every file what its name says."""
import gzip
import hashlib
import random
import shutil
import unittest

from program import FolderTest, canopy, load, orchard, workspace


class DataPath(FolderTest):
    def setUp(self):
        super().setUp()
        self.orchard = orchard(self.folder / "orchard", preset="citrus", size_m=70)
        self.space = workspace(self.folder / "w")

    def ingest(self, *words, expect=0):
        return canopy("ingest", self.orchard / "ortho.tif", self.orchard / "crowns.gpkg", "farm=Erf 12", "crop=orange", *words,
                      "--workspace", self.space, "--json", expect=expect)

    def sql(self, query):
        return load(canopy("catalog", "sql", query, "--json", "--workspace", self.space)[0])

    def test_each_example_has_the_hash_that_is_its_name(self):
        self.ingest()
        paths = list((self.space / "examples").rglob("*.example.gz"))
        self.assertGreater(len(paths), 1)
        for path in paths:
            self.assertEqual(hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest(), path.parent.name + path.name.split(".")[0])

    def test_every_tile_has_its_row_and_every_row_its_tile(self):
        self.ingest()
        rows = self.sql("SELECT uri, bytes, tree_count, crop, gsd_m, ndvi_mean FROM tiles")
        self.assertEqual(sorted(row["uri"] for row in rows), [f for f in self.files("w/examples") if f.endswith(".example.gz")])
        for row in rows:
            self.assertEqual((self.space / "examples" / row["uri"]).stat().st_size, row["bytes"])
            self.assertEqual(row["crop"], "orange")
            self.assertAlmostEqual(row["gsd_m"], 0.1, places=4)
            self.assertGreater(row["ndvi_mean"], 0.05)

    def test_ingesting_again_changes_nothing(self):
        self.ingest()
        before = self.files("w")
        self.ingest()
        self.assertEqual(self.files("w"), before)

    def test_ingesting_again_says_so_once(self):
        command = ["ingest", self.orchard / "ortho.tif", self.orchard / "crowns.gpkg", "--workspace", self.space]
        canopy(*command)
        out, _ = canopy(*command)
        self.assertRegex(out, r"^already ingested, \d+ tiles, \d+ labels of \d+ used$")

    def test_the_same_query_gives_the_same_dataset_to_the_byte(self):
        self.ingest()
        first = load(canopy("dataset", "create", "oranges", "--where", "crop = 'orange'", "split-by=tile_key", "--json", "--workspace", self.space)[0])
        folder = next((self.space / "datasets").iterdir())
        bytes_before = {f: (folder / f).read_bytes() for f in self.files(folder)}
        second = load(canopy("dataset", "create", "oranges", "--where", "crop = 'orange'", "split-by=tile_key", "--json", "--workspace", self.space)[0])
        self.assertEqual(first["id"], second["id"])
        self.assertEqual(bytes_before, {f: (folder / f).read_bytes() for f in self.files(folder)})

        other = workspace(self.folder / "w2")
        canopy("ingest", self.orchard / "ortho.tif", self.orchard / "crowns.gpkg", "farm=Erf 12", "crop=orange", "--workspace", other)
        third = load(canopy("dataset", "create", "oranges", "--where", "crop = 'orange'", "split-by=tile_key", "threads=1", "--json", "--workspace", other)[0])
        self.assertEqual(first["id"], third["id"], "a fresh workspace gives another id")

    def test_a_query_gives_the_same_dataset_typed_from_a_file_and_by_its_name(self):
        self.ingest()
        text = "SELECT * EXCLUDE (ingested_at) FROM examples WHERE tree_count > 0\n"
        path = self.folder / "trees.sql"
        path.write_text(text)
        canopy("query", "save", "trees", path, "--workspace", self.space)
        ids = {load(canopy("dataset", "create", "trees", *words, "split-by=tile_key", "--json", "--workspace", self.space)[0])["id"]
               for words in (["--sql", text], ["--sql", path], [f"sql={path}"], ["--query", "trees"])}
        self.assertEqual(len(ids), 1)
        canopy("dataset", "create", "trees", "--query", "trees", "--sql", path, "--workspace", self.space, expect=4)

    def test_a_saved_query_is_asked_by_its_name_until_it_is_removed(self):
        self.ingest()
        canopy("query", "save", "trees", "SELECT tile_id FROM examples WHERE tree_count > 0", "--workspace", self.space)
        answers = {canopy("catalog", "sql", *words, "--workspace", self.space)[0] for words in (["trees"], ["query=trees"])}
        self.assertEqual(len(answers), 1)
        canopy("dataset", "create", "trees", "--query", "trees", "split-by=tile_key", "--workspace", self.space)
        words = canopy("dataset", "create", "trees", "query=trees", "--where", "true", "--workspace", self.space, expect=4)[1]
        self.assertIn("either where or query", words)
        canopy("query", "remove", "trees", "--workspace", self.space)
        self.assertEqual(load(canopy("query", "list", "--json", "--workspace", self.space)[0]), [])
        canopy("catalog", "sql", "query=trees", "--workspace", self.space, expect=1)
        canopy("dataset", "verify", "trees", "--workspace", self.space)

    def test_the_orthomosaic_is_found_from_its_row(self):
        shutil.copytree(self.orchard, self.space / "flights")
        canopy("ingest", "ortho.tif", "crowns.gpkg", "--workspace", self.space, folder=self.orchard)
        canopy("ingest", "flights/ortho.tif", "flights/crowns.gpkg", "tile-size=256", "--workspace", self.space, folder=self.space)
        rows = self.sql("SELECT DISTINCT source_uri, labels_uri FROM tiles ORDER BY source_uri DESC")
        self.assertEqual(rows, [{"source_uri": "flights/ortho.tif", "labels_uri": "flights/crowns.gpkg"},
                                {"source_uri": str(self.orchard / "ortho.tif"), "labels_uri": str(self.orchard / "crowns.gpkg")}])

    def test_a_dataset_with_a_flipped_bit_is_not_trained_on(self):
        self.ingest()
        canopy("dataset", "create", "oranges", "split-by=tile_key", "--workspace", self.space)
        path = next(self.space.glob("datasets/*/part-0.parquet"))
        data = bytearray(path.read_bytes())
        data[20] ^= 1
        path.chmod(0o644)
        path.write_bytes(data)
        words = canopy("train", "oranges", "weights=random", "steps=1", "--workspace", self.space, expect=1)[1]
        self.assertIn("part-0.parquet", words)
        self.assertIn("SHA-256", words)
        self.assertEqual(list(self.space.glob("models/*")), [])

    def test_verify_names_a_flipped_bit(self):
        self.ingest()
        canopy("dataset", "create", "oranges", "split-by=tile_key", "--workspace", self.space)
        canopy("dataset", "verify", "oranges", "--workspace", self.space)
        rng = random.Random(3)
        for pattern in ("datasets/*/part-0.parquet", "datasets/*/dataset.json", "datasets/*/croissant.json", "examples/*/*.example.gz",
                        "examples/ingests/*.json", "catalog/tiles/*.parquet"):
            path = sorted(self.space.glob(pattern))[0]
            whole = path.read_bytes()
            data = bytearray(whole)
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            path.chmod(0o644)
            path.write_bytes(data)
            self.assertIn(path.name, canopy("dataset", "verify", "oranges", "--workspace", self.space, expect=4)[1])
            path.write_bytes(whole)
        canopy("dataset", "verify", "oranges", "--workspace", self.space)

    def test_a_bad_label_is_named_and_skipped_and_the_exit_code_says_so(self):
        import json
        import subprocess
        path = self.folder / "crowns.geojson"
        subprocess.run(["ogr2ogr", "-f", "GeoJSON", path, self.orchard / "crowns.gpkg", "crowns"], check=True)
        labels = json.loads(path.read_text())
        x, y = labels["features"][0]["geometry"]["coordinates"][0][0][:2]
        labels["features"].append({"type": "Feature", "properties": {"class": "tree"}, "geometry": {"type": "Polygon", "coordinates": [[[x, y], [x, y], [x, y], [x, y]]]}})
        path.write_text(json.dumps(labels))
        out, error = canopy("ingest", self.orchard / "ortho.tif", path, "--workspace", self.space, expect=3)
        self.assertIn("skipped", out + error)
        self.assertGreater(self.sql("SELECT sum(tree_count) AS n FROM tiles")[0]["n"], 0)

    def test_a_query_can_neither_write_nor_read_files(self):
        self.ingest()
        for sql in ("COPY tiles TO '/tmp/canopy_stolen.csv'", "SELECT * FROM read_text('/etc/passwd')", "DROP VIEW tiles",
                    "SELECT 1; SELECT 2", "ATTACH '/tmp/canopy_stolen.db'", "SET threads=1", "INSTALL httpfs"):
            canopy("catalog", "sql", sql, "--workspace", self.space, expect=4)


if __name__ == "__main__":
    unittest.main()
