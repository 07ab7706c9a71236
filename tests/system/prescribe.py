# SPDX-License-Identifier: Apache-2.0
"""Prescriptions from a survey that the program made: files that other programs open, and figures that agree with them."""
import csv
import json
import struct
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree
import zipfile

from program import FolderTest, canopy, load, orchard


class Prescribe(FolderTest):
    def setUp(self):
        super().setUp()
        made = orchard(self.folder / "orchard", preset="sick", size_m=60)
        self.survey, self.out = self.folder / "survey", self.folder / "out"
        canopy("insight", made / "ortho.tif", made / "truth_ids.tif", "-o", self.survey)

    def prescribe(self, kind, *words):
        """The record, after holding the files that it lists against the folder."""
        record = load(canopy("prescribe", kind, self.survey, *words, "-o", self.out, "--json")[0])
        self.assertEqual(record, load((self.out / f"{kind}.json").read_text()))
        for file in record["files"]:
            self.assertEqual((self.out / file["name"]).stat().st_size, file["bytes"], file["name"])
        return record["figures"]

    def test_what_to_order_agrees_with_the_survey(self):
        survey = load((self.survey / "survey.json").read_text())["survey"]
        figures = self.prescribe("replant", "dead=true")
        self.assertEqual((figures["missing"], figures["dead"]), (survey["missing_tree_count"], survey["dead_tree_count"]))
        with open(self.out / "replant.csv", newline="") as file:
            self.assertEqual(len(list(csv.DictReader(file))), figures["trees"])
        self.assertEqual(len(ElementTree.parse(self.out / "replant.gpx").findall("{*}wpt")), figures["trees"])

    def test_the_walk_is_a_route_for_the_phone(self):
        figures = self.prescribe("scout", "health-below=0.5")
        route = ElementTree.parse(self.out / "scout.gpx").findall("{*}rte/{*}rtept")
        self.assertEqual(len(route), figures["stops"])
        self.assertLessEqual(figures["length_m"], figures["in_planting_order_m"])

    def test_a_rate_map_opens_on_every_kind_of_terminal(self):
        figures = self.prescribe("fertiliser", "rates=120,90,60", "cell-m=8", "by=area")
        info = subprocess.run(["ogrinfo", "-so", "-al", self.out / "fertiliser.shp.zip"], capture_output=True, text=True, check=True).stdout
        self.assertIn("rate_kg_ha: Real", info)
        with zipfile.ZipFile(self.out / "fertiliser_rx.zip") as rx:
            self.assertIsNone(rx.testzip())
            self.assertIn("Rx/fertiliser.shp", rx.namelist())
        grid = ElementTree.parse(self.out / "TASKDATA/TASKDATA.XML").find("TSK/GRD").attrib
        cells = (self.out / "TASKDATA/GRD00001.BIN").read_bytes()
        self.assertEqual(len(cells), int(grid["H"]))
        rates = struct.unpack(f"<{len(cells) // 4}i", cells)
        self.assertEqual(sum(rate > 0 for rate in rates), figures["cells"])
        self.assertLessEqual(set(rates), {0, 6000, 9000, 12000})

    def test_irrigation_lists_lines_from_a_package_alone(self):
        self.survey = self.survey / "trees.gpkg"
        figures = self.prescribe("irrigation")
        lines = json.loads((self.out / "irrigation.geojson").read_text())["features"]
        self.assertEqual(len(lines), figures["stretches"])

    def test_a_wrong_word_gets_one_line_and_writes_nothing(self):
        for words, says in ((["replant", "blocks=9"], "blocks: '9' is no block of this survey"),
                            (["fertiliser", "rates=-5"], "is no rate in kg/ha"),
                            (["scout", "status=ded"], "did you mean 'dead'?")):
            _, error = canopy("prescribe", words[0], self.survey, *words[1:], "-o", self.out, expect=4)
            self.assertEqual(error.count("\n"), 1, error)
            self.assertIn(says, error)
            self.assertFalse(self.out.exists())


if __name__ == "__main__":
    unittest.main()
