# SPDX-License-Identifier: Apache-2.0
"""Wrong input: one clear line that names the thing, the value and the remedy, the right exit code, and nothing written."""
import pathlib
import struct
import subprocess
import unittest
import zlib

from program import FolderTest, canopy, load, orchard, workspace


def write_png(path, width=64, height=64):
    """A picture without any georeference."""
    rows = b"".join(b"\0" + bytes((x * 3 + y) % 256 for x in range(width * 3)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class BadInput(FolderTest):
    @classmethod
    def setUpClass(cls):
        import tempfile
        cls.shared = pathlib.Path(tempfile.mkdtemp(prefix="canopy_bad_"))
        orchard(cls.shared / "orchard", size_m=30)

    @classmethod
    def tearDownClass(cls):
        import shutil
        shutil.rmtree(cls.shared)

    def setUp(self):
        super().setUp()
        self.space = workspace(self.folder / "w")
        self.ortho, self.crowns = self.shared / "orchard/ortho.tif", self.shared / "orchard/crowns.gpkg"

    def refused(self, *words, code=4):
        """The one line of a refusal, after checking that the workspace is as empty as before."""
        _, error = canopy(*words, "--workspace", self.space, "--progress", "none", expect=code)
        lines = error.strip().splitlines()
        self.assertEqual(len(lines), 1, error)
        self.assertTrue(lines[0].startswith("error: "), error)
        self.assertEqual(self.files("w"), ["canopy.toml"])
        return lines[0]

    def test_a_picture_without_place_or_scale_asks_for_gsd(self):
        picture = self.folder / "pic.png"
        write_png(picture)
        self.assertIn("--gsd", self.refused("ingest", picture, self.crowns))

    def test_a_text_file_named_tif_is_named(self):
        fake = self.folder / "fake.tif"
        fake.write_text("hello, I am a text file\n")
        line = self.refused("ingest", fake, self.crowns)
        self.assertIn("fake.tif", line)

    def test_a_file_that_is_not_there_is_named(self):
        self.assertIn("nowhere.tif", self.refused("ingest", self.folder / "nowhere.tif", self.crowns, code=1))

    def test_too_few_band_names_are_counted(self):
        line = self.refused("ingest", self.ortho, self.crowns, "bands=red,green")
        self.assertIn("2", line)
        self.assertIn("5", line)

    def test_an_unknown_band_name_is_refused(self):
        self.assertIn("ultraviolet", self.refused("ingest", self.ortho, self.crowns, "bands=blue,green,red,red_edge,ultraviolet"))

    def test_empty_labels_are_refused(self):
        empty = self.folder / "empty.geojson"
        empty.write_text('{"type": "FeatureCollection", "features": []}')
        self.assertIn("empty.geojson", self.refused("ingest", self.ortho, empty))

    def test_labels_that_are_no_labels_are_refused(self):
        broken = self.folder / "broken.geojson"
        broken.write_text('{"type": "FeatureColl')
        self.assertIn("broken.geojson", self.refused("ingest", self.ortho, broken))

    def test_an_unknown_key_gets_the_nearest(self):
        self.assertIn("did you mean 'tile-size'?", self.refused("ingest", self.ortho, self.crowns, "tile-sise=512", code=2))

    def test_a_mistake_in_a_condition_is_shown_where_it_was_typed(self):
        canopy("ingest", self.ortho, self.crowns, "--workspace", self.space)
        for words, first, last in (
                (["--where", "crop = 'citrus' and"], "the condition ends where more is expected", "LINE 1: crop = 'citrus' and\n" + " " * 27 + "^"),
                (["--where", "tree_count > 'a'"], "Could not convert string 'a'", "LINE 1: tree_count > 'a'\n" + " " * 21 + "^"),
                (["columns=orchardd"], "columns: 'orchardd' is no column of examples; did you mean 'orchard'?", ""),
                (["split=train=80,vall=10,tset=10"], "'vall' is none of train, val, test; did you mean 'val'?", "")):
            with self.subTest(words=words):
                _, error = canopy("dataset", "create", "set", *words, "--progress", "none", "--workspace", self.space, expect=4)
                self.assertTrue(error.startswith("error: "), error)
                self.assertIn(first, error.splitlines()[0])
                self.assertEqual("\n".join(error.rstrip().splitlines()[1:]), last)
        self.assertEqual(list(self.space.glob("datasets/*")), [])

    def test_too_little_memory_is_one_line(self):
        canopy("ingest", self.ortho, self.crowns, "--workspace", self.space)
        sql = "SELECT count(*) FROM (SELECT DISTINCT md5(range::VARCHAR) FROM range(9000000))"
        _, error = canopy("catalog", "sql", sql, "memory-mb=50", "--workspace", self.space, expect=1)
        self.assertEqual(len(error.strip().splitlines()), 1, error)
        self.assertIn("memory-mb=50 is too little", error)

    def test_labels_in_another_crs_are_reprojected_not_refused(self):
        other = self.folder / "crowns_wgs84.geojson"
        subprocess.run(["ogr2ogr", "-f", "GeoJSON", "-t_srs", "EPSG:4326", "-lco", "COORDINATE_PRECISION=12", other, self.crowns, "crowns"], check=True)
        canopy("ingest", self.ortho, other, "--workspace", self.space)
        second = workspace(self.folder / "w2")
        canopy("ingest", self.ortho, self.crowns, "--workspace", second)
        count = "SELECT sum(tree_count) AS n FROM tiles"
        ours = load(canopy("catalog", "sql", count, "--json", "--workspace", self.space)[0])
        theirs = load(canopy("catalog", "sql", count, "--json", "--workspace", second)[0])
        self.assertGreater(ours[0]["n"], 0)
        self.assertEqual(ours, theirs)

    def test_a_query_with_an_unknown_column_shows_the_engines_candidates(self):
        canopy("ingest", self.ortho, self.crowns, "--workspace", self.space)
        _, error = canopy("dataset", "create", "x", "--where", "corp = 'walnut'", "--workspace", self.space, expect=4)
        self.assertIn("corp", error)
        self.assertIn("crop", error)
        self.assertFalse((self.space / "datasets").exists() and any((self.space / "datasets").iterdir()))

    def test_a_survey_of_nothing_it_can_see_is_refused(self):
        fake = self.folder / "fake.tif"
        fake.write_text("no picture")
        self.assertIn("fake.tif", self.refused("survey", fake, "-o", self.folder / "out", "model=none.safetensors", code=4))
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    unittest.main()
