# SPDX-License-Identifier: Apache-2.0
"""What other people's tools read of ours: geopandas the GeoPackage and GeoParquet, pycocotools the COCO file, isoxml the tractor's task."""
import json
import os
import pathlib
import sqlite3
import subprocess
import unittest

from program import ROOT, FolderTest, canopy, load, orchard

ISOXML = ROOT / ".deps/isoxml/node_modules/isoxml"
READ_TASK = """
const fs = require('fs'), path = require('path'), {ISOXMLManager} = require(process.argv[1])
const manager = new ISOXMLManager()
const files = fs.readdirSync(process.argv[2])
const zip = new (require(require.resolve('jszip', {paths: [process.argv[1]]})))()
for (const name of files) zip.file('TASKDATA/' + name, fs.readFileSync(path.join(process.argv[2], name)))
zip.generateAsync({type: 'uint8array'}).then(data => manager.parseISOXMLFile(data, 'application/zip')).then(() => {
  const task = manager.rootElement.attributes.Task[0], grid = task.attributes.Grid[0]
  const bytes = grid.binaryData, cells = Array.from(new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)))
  console.log(JSON.stringify({warnings: manager.getWarnings(), columns: grid.attributes.GridMaximumColumn,
    rows: grid.attributes.GridMaximumRow, cells, field: manager.rootElement.attributes.Partfield.length}))
}).catch(error => { console.error(error); process.exit(1) })
"""


class SurveyInterop(FolderTest):
    """On the survey of a true label map, so that nothing waits for a model; only the COCO file is a model's."""

    def setUp(self):
        super().setUp()
        self.orchard = orchard(self.folder / "orchard", preset="sick", size_m=60)
        self.survey = self.folder / "survey"
        canopy("insight", self.orchard / "ortho.tif", self.orchard / "truth_ids.tif", "-o", self.survey)
        self.figures = load((self.survey / "survey.json").read_text())["survey"]

    def test_geopandas_reads_the_package_and_the_styles_lie_where_qgis_looks(self):
        import geopandas
        trees = geopandas.read_file(self.survey / "trees.gpkg", layer="trees", engine="pyogrio")
        self.assertEqual(len(trees), self.figures["tree_count"])
        self.assertEqual(trees.crs.to_epsg(), 32734)
        self.assertLess((trees.area - trees["area"]).abs().median(), 0.05 * trees["area"].median())
        self.assertTrue(trees.geometry.is_valid.all())
        missing = geopandas.read_file(self.survey / "trees.gpkg", layer="missing", engine="pyogrio")
        self.assertEqual(len(missing), self.figures["missing_tree_count"])
        with sqlite3.connect(self.survey / "trees.gpkg") as package:
            styled = {name for (name,) in package.execute("SELECT f_table_name FROM layer_styles WHERE useAsDefault")}
        self.assertEqual(styled, {"trees", "missing", "rows", "orchard"})

    def test_geopandas_reads_the_parquet_and_finds_the_same_trees(self):
        import geopandas
        trees = geopandas.read_parquet(self.survey / "trees.parquet")
        package = geopandas.read_file(self.survey / "trees.gpkg", layer="trees", engine="pyogrio")
        self.assertEqual(trees.crs.to_string(), "OGC:CRS84")
        self.assertEqual(list(trees["id"]), list(package["id"]))
        apart = trees.to_crs(package.crs).centroid.distance(package.centroid)
        self.assertLess(apart.max(), 0.01)
        self.assertEqual(list(trees["status"]), list(package["status"]))

    def test_neighbouring_crowns_of_the_package_do_not_overlap(self):
        import geopandas
        trees = geopandas.read_file(self.survey / "trees.gpkg", layer="trees", engine="pyogrio")[["id", "geometry"]]
        both = geopandas.overlay(trees, trees, how="intersection", keep_geom_type=True)
        both = both[both["id_1"] < both["id_2"]]
        self.assertLess(both.area.sum(), 1e-6 * trees.area.sum())

    def test_pycocotools_opens_the_crowns_of_many_pictures(self):
        from pycocotools.coco import COCO
        second = orchard(self.folder / "second", preset="square", seed=2, size_m=40)
        pictures = [str(self.orchard / "ortho.tif"), str(second / "ortho.tif")]
        results = self.folder / "results.json"
        told = load(canopy("predict", *pictures, "model=bundled", "-o", results, "--json", timeout=600)[0])
        coco = COCO(results)
        self.assertEqual([image["file_name"] for image in coco.dataset["images"]], pictures)
        self.assertEqual(len(coco.getAnnIds()), told["trees"])
        self.assertGreater(len(coco.getAnnIds(imgIds=[2])), 20)
        for annotation in coco.loadAnns(coco.getAnnIds(imgIds=[2]))[:20]:
            self.assertLess(abs(coco.annToMask(annotation).sum() - annotation["area"]), 0.15 * annotation["area"])
        self.assertEqual(len(coco.loadRes(coco.dataset["annotations"]).getAnnIds()), told["trees"])
        self.assertFalse(pathlib.Path(f"{results}.parts").exists())

    def test_isoxml_reads_the_tractors_task(self):
        out = self.folder / "out"
        record = load(canopy("prescribe", "fertiliser", self.survey, "rates=120,90,60", "cell-m=8", "by=area", "-o", out, "--json")[0])
        node = ROOT / ".deps/node/bin/node"
        done = subprocess.run([node, "-e", READ_TASK, ISOXML, out / "TASKDATA"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        task = json.loads(done.stdout)
        # The standard writes names in capitals; isoxml, which writes .bin, remarks on that and reads on.
        self.assertEqual([w for w in task["warnings"] if not w.startswith("Letter case of filename GRD00001")], [])
        self.assertEqual(len(task["cells"]), task["columns"] * task["rows"])
        self.assertEqual(sum(rate > 0 for rate in task["cells"]), record["figures"]["cells"])


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "Agg")
    unittest.main()
