# SPDX-License-Identifier: Apache-2.0
"""`canopy insight` from tables of trees: any format gives the same survey, and what cannot be right gets one line and writes nothing."""
import csv
import json
import sqlite3
import subprocess
import unittest

from program import FolderTest, canopy, load, orchard


class InsightTable(FolderTest):
    def setUp(self):
        super().setUp()
        self.orchard = orchard(self.folder / "orchard", preset="citrus", size_m=60)
        self.out = self.folder / "out.gpkg"

    def export(self, name, *words):
        """The true crowns as another program would deliver them, without rows, numbers or classes."""
        path = self.folder / name
        subprocess.run(["ogr2ogr", "-select", "id,area", *words, path, self.orchard / "crowns.gpkg", "crowns"], check=True)
        return path

    def rows_of(self, package):
        with sqlite3.connect(package) as file:
            return {table: file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("trees", "missing", "rows", "orchard")}

    def table(self):
        """id,lat,lng,area of the true trees."""
        survey = self.folder / "from_crowns"
        canopy("insight", self.orchard / "crowns.gpkg", "layer=crowns", "-o", survey)
        with open(survey / "trees.csv", newline="") as file:
            trees = [row for row in csv.DictReader(file) if row["status"] != "missing"]
        return [{key: row[key] for key in ("id", "lat", "lng", "area")} for row in trees]

    def write(self, trees, name="trees.csv"):
        path = self.folder / name
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, trees[0].keys())
            writer.writeheader()
            writer.writerows(trees)
        return path

    def refused(self, *words):
        _, error = canopy("insight", *words, "-o", self.out, expect=4)
        self.assertEqual(error.count("\n"), 1, error)
        self.assertFalse(self.out.exists())
        return error

    def test_every_format_gives_the_same_rows_and_gaps(self):
        found = {}
        for name, words in (("t.geojson", ("-t_srs", "EPSG:4326", "-lco", "COORDINATE_PRECISION=10")), ("t.shp", ()), ("t.gpkg", ())):
            canopy("insight", self.export(name, *words), "-o", self.out, "--overwrite")
            found[name] = self.rows_of(self.out)
        canopy("insight", self.write(self.table()), "-o", self.out, "--overwrite")
        found["t.csv"] = self.rows_of(self.out)
        self.assertEqual(len({json.dumps(rows) for rows in found.values()}), 1, found)
        self.assertGreater(found["t.csv"]["rows"], 5)

    def test_a_folder_can_be_prescribed_on_and_compared_with_itself(self):
        survey = self.folder / "survey"
        canopy("insight", self.write(self.table()), "-o", survey)
        record = load(canopy("prescribe", "replant", survey, "-o", self.folder / "order", "--json")[0])
        told = load((survey / "survey.json").read_text())
        self.assertEqual(record["figures"]["trees"], told["survey"]["missing_tree_count"])
        self.assertIsNone(told["survey"]["average_ndvi"])
        compared = load(canopy("survey", "compare", survey, survey, "-o", self.folder / "compared", "--json")[0])["figures"]
        self.assertEqual(compared["stayed"], told["survey"]["tree_count"])
        self.assertEqual(compared["gone"] + compared["new"] + compared["died"], 0)

    def test_a_boundary_names_the_blocks_and_swapped_columns_are_told_by_it(self):
        boundary = self.folder / "blocks.geojson"
        subprocess.run(["ogr2ogr", "-t_srs", "EPSG:4326", "-sql", "SELECT 'Home' AS name, geom FROM orchard", boundary, self.orchard / "crowns.gpkg"], check=True)
        trees = self.table()
        canopy("insight", self.write(trees), f"boundary={boundary}", "-o", self.out)
        with sqlite3.connect(self.out) as file:
            self.assertEqual({name for (name,) in file.execute("SELECT name FROM orchard")}, {"Home"})
        self.out.unlink()
        swapped = self.write([{**tree, "lat": tree["lng"], "lng": tree["lat"]} for tree in trees], "swapped.csv")
        self.assertIn("are lat and lng in their own columns", self.refused(swapped, f"boundary={boundary}"))

    def test_what_cannot_be_right_gets_one_line_and_writes_nothing(self):
        trees = self.table()
        for change, says in (({"id": trees[0]["id"]}, "is another tree's already"), ({"lat": "nan"}, "its place is not a number"),
                             ({"lat": trees[0]["lat"], "lng": trees[0]["lng"]}, "stands exactly where tree"), ({"area": "-1"}, "cannot be"),
                             ({"lat": trees[5]["lng"], "lng": trees[5]["lat"]}, "km from the other trees"), ({"lng": "east"}, "is not a number")):
            wrong = [dict(tree) for tree in trees]
            wrong[5].update(change)
            error = self.refused(self.write(wrong))
            self.assertIn(says, error)
            self.assertIn("row 7", error)
        empty = self.folder / "empty.csv"
        empty.write_text("id,lat,lng\n")
        self.assertIn("holds no tree", self.refused(empty))
        self.assertIn("give its label map too", self.refused(self.orchard / "ortho.tif"))
        self.assertIn("give the mosaic and its label map", self.refused(self.write(trees), f"dsm={self.orchard / 'dsm.tif'}"))

    def test_trees_without_a_pattern_say_so(self):
        trees = self.table()
        for kept in (trees[:3], [{**trees[0], "id": k + 1, "lng": float(trees[0]["lng"]) + 5e-5 * k} for k in range(30)]):
            said, _ = canopy("insight", self.write(kept), "-o", self.out, "--overwrite")
            self.assertIn("no planting pattern found", said)
            self.assertEqual(self.rows_of(self.out)["missing"], 0)


if __name__ == "__main__":
    unittest.main()
