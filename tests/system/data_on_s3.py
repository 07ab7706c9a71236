# SPDX-License-Identifier: Apache-2.0
"""Examples and orthomosaics on a real S3 server: one line of canopy.toml, and everything is as with a folder."""
import gzip
import hashlib
import os
import shutil
import subprocess
import unittest
from unittest import mock

from program import CANOPY, FolderTest, canopy, load, orchard, workspace
from s3_server import S3Server, proxy

CUT = ("tile-size=256", "overlap=32", "farm=Erf 12", "crop=orange")


class DataOnS3(FolderTest):
    @classmethod
    def setUpClass(cls):
        cls.server, cls.buckets = S3Server(), 0
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        super().setUp()
        environment = mock.patch.dict(os.environ, self.server.environment())
        environment.start()
        self.addCleanup(environment.stop)
        type(self).buckets += 1
        self.bucket = f"farm-{self.buckets}"
        self.objects = self.server.bucket(self.bucket)
        self.orchard = orchard(self.folder / "orchard", preset="citrus", size_m=36)
        self.space = self.space_on(f"s3://{self.bucket}/dt=2026/examples", "w")

    def space_on(self, url, name):
        space = workspace(self.folder / name)
        config = space / "canopy.toml"
        text = config.read_text().replace('"examples/"', f'"{url}"').replace("'examples/'", f'"{url}"')
        self.assertIn(url, text)
        config.write_text(text)
        return space

    def ingest(self, space, picture=None, expect=0):
        return canopy("ingest", picture or self.orchard / "ortho.tif", self.orchard / "crowns.gpkg", *CUT, "--workspace", space, expect=expect)

    def dataset(self, space):
        return load(canopy("dataset", "create", "oranges", "--where", "crop = 'orange'", "split-by=tile_key", "--json", "--workspace", space)[0])

    def examples(self):
        return sorted(self.objects.rglob("*.example.gz"))

    def test_the_dataset_is_the_one_that_a_folder_gives(self):
        self.ingest(self.space)
        there = self.dataset(self.space)
        other = workspace(self.folder / "w2")
        self.ingest(other)
        here = self.dataset(other)
        self.assertEqual(there["id"], here["id"])
        self.assertGreaterEqual(there["counts"]["tiles"], 4)
        for space in (self.space, other):
            canopy("dataset", "verify", "oranges", "--workspace", space)
        self.assertEqual(self.files("w/examples"), [])
        self.assertEqual([str(p.relative_to(self.objects / "dt=2026/examples")) for p in self.examples()],
                         [f for f in self.files("w2/examples") if f.endswith(".example.gz")])
        for path in self.examples():
            self.assertEqual(hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest(), path.parent.name + path.name.split(".")[0])

    def test_a_server_that_fails_every_tenth_request_changes_nothing(self):
        with proxy(self.server.port, fail_every=10) as port:
            os.environ["AWS_ENDPOINT_URL_S3"] = f"http://127.0.0.1:{port}"
            for crop in ("tile-size=64", "tile-size=96"):
                out, _ = canopy("ingest", self.orchard / "ortho.tif", self.orchard / "crowns.gpkg", crop, "overlap=16", "crop=orange", "--json",
                                "--workspace", self.space)
                report = load(out)
                self.assertEqual(report["tiles_kept"], 0, "a tile that this ingest wrote counts as its own")
                self.assertGreater(report["tiles_written"], 15)
            there = self.dataset(self.space)
            canopy("dataset", "verify", "oranges", "--workspace", self.space)
        other = workspace(self.folder / "w2")
        for crop in ("tile-size=64", "tile-size=96"):
            canopy("ingest", self.orchard / "ortho.tif", self.orchard / "crowns.gpkg", crop, "overlap=16", "crop=orange", "--workspace", other)
        self.assertEqual(there["id"], self.dataset(other)["id"])
        self.assertEqual(len(self.examples()), there["counts"]["tiles"])

    def test_ingesting_again_writes_nothing(self):
        self.ingest(self.space)
        before = {path: path.stat().st_mtime_ns for path in self.objects.rglob("*") if path.is_file()}
        self.assertIn("already ingested", self.ingest(self.space)[0])
        self.assertEqual(before, {path: path.stat().st_mtime_ns for path in self.objects.rglob("*") if path.is_file()})

    def test_a_flipped_bit_in_a_tile_is_found_and_named(self):
        self.ingest(self.space)
        self.dataset(self.space)
        path = self.examples()[1]
        content = bytearray(gzip.decompress(path.read_bytes()))
        content[len(content) // 2] ^= 1
        # Packed again, so that gzip's own check is right.
        path.write_bytes(gzip.compress(bytes(content), mtime=0))
        self.assertEqual(canopy("dataset", "verify", "oranges", "--quick", "--workspace", self.space)[1], "")
        error = canopy("dataset", "verify", "oranges", "--workspace", self.space, expect=4)[1]
        self.assertIn(f"broken: s3://{self.bucket}/dt=2026/examples/{path.parent.name}/{path.name}: ", error)
        path.unlink()
        self.assertIn(": is missing", canopy("dataset", "verify", "oranges", "--workspace", self.space, expect=4)[1])

    def test_a_model_trains_from_it_as_from_a_folder(self):
        other = workspace(self.folder / "w2")
        losses = []
        for space in (self.space, other):
            self.ingest(space)
            self.dataset(space)
            canopy("train", "oranges", "steps=3", "batch=1", "crop-px=128", "threads=1", "verify=true", "deterministic=true", "--name", "orange",
                   "--run", "r", "--progress", "none", "--workspace", space)
            header, *rows = (space / "runs/r/metrics.csv").read_text().splitlines()
            losses.append([dict(zip(header.split(","), row.split(",")))["loss"] for row in rows])
        self.assertEqual(len(losses[0]), 3)
        self.assertEqual(losses[0], losses[1])

    def test_an_orthomosaic_on_s3_is_read_as_a_file_is(self):
        key = self.objects / "flights/dt=2026-02-11/block 8.tif"
        key.parent.mkdir(parents=True)
        shutil.copy(self.orchard / "ortho.tif", key)
        url = f"s3://{self.bucket}/flights/dt=2026-02-11/block 8.tif"
        self.ingest(self.space, url)
        row = load(canopy("catalog", "sql", "SELECT DISTINCT source_uri, source_sha256 FROM tiles", "--json", "--workspace", self.space)[0])
        sha256 = hashlib.sha256(key.read_bytes()).hexdigest()
        self.assertEqual(row, [{"source_uri": url, "source_sha256": sha256}])
        for picture, folder in ((url, "there"), (self.orchard / "ortho.tif", "here")):
            canopy("insight", picture, self.orchard / "truth_ids.tif", "survey=block", "-o", self.folder / folder)
        survey = load((self.folder / "there/survey.json").read_text())
        self.assertEqual(survey["inputs"]["ortho"], {"path": url, "sha256": sha256})
        for name in ("trees.csv", "trees.geojson", "rows.geojson"):
            self.assertEqual((self.folder / "there" / name).read_bytes(), (self.folder / "here" / name).read_bytes(), name)
        self.assertTrue((self.folder / "there/ortho.tif").exists())

    def test_trees_are_found_in_an_orthomosaic_on_s3(self):
        small = orchard(self.folder / "small", preset="citrus", size_m=20)
        shutil.copy(small / "ortho.tif", self.objects / "small.tif")
        for picture, labels in ((f"s3://{self.bucket}/small.tif", "there.tif"), (small / "ortho.tif", "here.tif")):
            canopy("predict", picture, "-o", self.folder / labels)
        self.assertEqual((self.folder / "there.tif").read_bytes(), (self.folder / "here.tif").read_bytes())

    def test_what_is_wrong_is_said_in_one_line_and_nothing_changes(self):
        def refused(*words, code=1, **environment):
            done = subprocess.run([CANOPY, *map(str, words)], env=os.environ | environment, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
            self.assertEqual(len(lines), 1, done.stderr)
            return lines[0]

        before = self.files("w")
        ingest = ("ingest", self.orchard / "ortho.tif", self.orchard / "crowns.gpkg", *CUT, "--progress", "none", "--workspace")
        self.assertIn("mend AWS_SECRET_ACCESS_KEY", refused(*ingest, self.space, AWS_SECRET_ACCESS_KEY="wrong"))
        self.assertIn("set AWS_REGION", refused(*ingest, self.space, AWS_REGION="eu-west-1", code=4))
        self.assertIn("check the network and AWS_ENDPOINT_URL_S3", refused(*ingest, self.space, AWS_ENDPOINT_URL_S3="http://127.0.0.1:9"))
        nowhere = self.space_on("s3://nowhere/x", "w3")
        self.assertIn("there is no bucket 'nowhere'", refused(*ingest, nowhere))
        self.assertIn("write s3://BUCKET/KEY", refused(*ingest, self.space_on("s3://NO/x", "w4"), code=4))
        picture = f"s3://{self.bucket}/none.tif"
        self.assertIn("there is no such object", refused("predict", picture, "-o", self.folder / "x.tif"))
        self.assertIn("may not be read (403)", refused("predict", picture, "-o", self.folder / "x.tif", AWS_SECRET_ACCESS_KEY="wrong"))
        self.assertEqual(before, self.files("w"))
        self.assertEqual(self.examples(), [])
        self.assertFalse((self.folder / "x.tif").exists())

    def test_doctor_says_whether_the_store_can_be_reached(self):
        store = lambda space, **environment: next(finding for finding in load(subprocess.run(
            [CANOPY, "doctor", "--json", "--workspace", space], env=os.environ | environment, capture_output=True, text=True).stdout)
            if finding["what"] == "store")
        self.assertEqual(store(self.space), {"what": "store", "value": f"s3://{self.bucket}/dt=2026/examples", "remedy": ""})
        self.assertIn("mend AWS_SECRET_ACCESS_KEY", store(self.space, AWS_SECRET_ACCESS_KEY="wrong")["remedy"])
        self.assertIn("there is no bucket", store(self.space_on("s3://nowhere/x", "w3"))["remedy"])


if __name__ == "__main__":
    unittest.main()
