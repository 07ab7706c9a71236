# SPDX-License-Identifier: Apache-2.0
"""A dataset by UNLOAD: a stand-in for the cluster (tests/stand_ins/redshift.py), a real S3 server (versitygw) for what it writes."""
import os
import pathlib
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

from program import ROOT, FolderTest, canopy, load, orchard, workspace

GATEWAY = os.environ.get("CANOPY_S3_SERVER", str(ROOT / ".deps/versitygw/versitygw"))
KEY, SECRET = "canopyroot", "canopysecret"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redshift(FolderTest):
    def start(self, *words, ready, **more):
        process = subprocess.Popen(list(map(str, words)), **more)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for _ in range(600):
            if process.poll() is not None:
                break
            if ready(process):
                return process
            time.sleep(0.05)
        self.fail(f"{words[0]} does not start")

    def start_s3(self):
        for folder in ("s3/data/canopy-unload", "s3/iam"):
            (self.folder / folder).mkdir(parents=True)
        self.endpoint = f"127.0.0.1:{free_port()}"

        def healthy(_):
            try:
                return urllib.request.urlopen(f"http://{self.endpoint}/healthz", timeout=1).status == 200
            except OSError:
                return False

        self.start(GATEWAY, "--port", self.endpoint, "--iam-dir", self.folder / "s3/iam", "--health", "/healthz", "--quiet", "posix",
                   self.folder / "s3/data", ready=healthy, env={**os.environ, "ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET},
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.environ.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_REGION="us-east-1",
                          AWS_ENDPOINT_URL_S3=f"http://{self.endpoint}", no_proxy="127.0.0.1")

    def setUp(self):
        super().setUp()
        self.start_s3()
        farm = orchard(self.folder / "orchard", preset="citrus", size_m=70)
        self.files = workspace(self.folder / "files")
        canopy("ingest", farm / "ortho.tif", farm / "crowns.gpkg", "crop=orange", "orchard=B7", "--workspace", self.files)
        port = free_port()
        self.start(sys.executable, ROOT / "tests/stand_ins/redshift.py", port, self.endpoint, KEY, SECRET,
                   self.files / "catalog/tiles/*.parquet", ready=lambda p: p.stdout.readline() == "up\n",
                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.space = workspace(self.folder / "w")
        path = self.space / "canopy.toml"
        url = f"redshift://tester@127.0.0.1:{port}/dev?unload=s3://canopy-unload/sets/&iam_role=arn:aws:iam::1:role/unload&sslmode=disable"
        lines = path.read_text().splitlines()
        lines[lines.index("[catalog]") + 1] = f'url = "{url}"'
        path.write_text("\n".join(lines) + "\n")

    def create(self, space, *words, expect=0):
        return canopy("dataset", "create", "oranges", "--where", "crop = 'orange' and tree_count > 0", "split-by=orchard",
                      "split=train=100", "--json", "--workspace", space, *words, expect=expect)

    def test_a_dataset_is_what_the_cluster_unloaded(self):
        made = load(self.create(self.space)[0])
        self.assertEqual(made["engine"]["name"], "redshift")
        self.assertRegex(made["sql"], r"^UNLOAD \('.*crop = ''orange''.*'\) TO 's3://canopy-unload/sets/oranges-[0-9a-f]{16}/' "
                                      r"IAM_ROLE 'arn:aws:iam::1:role/unload' FORMAT PARQUET PARALLEL OFF$".replace(".*", "(?s:.*)"))
        self.assertRegex(made["parts"][0]["unloaded_to"], r"^s3://canopy-unload/sets/oranges-[0-9a-f]{16}/0000_part_00.parquet$")
        canopy("dataset", "verify", "oranges", "--quick", "--workspace", self.space)  # the cluster has rows of tiles that lie nowhere
        theirs = load(self.create(self.files)[0])
        self.assertEqual(made["counts"], theirs["counts"], "the same tiles and splits as from the parts")
        lists = []
        for space in (self.space, self.files):
            out = self.folder / f"{space.name}.tsv"
            canopy("dataset", "export", "oranges", "--refs", out, "--workspace", space)
            lists.append(out.read_text().splitlines()[1:])
        self.assertEqual(*lists)

    def test_it_answers_queries_and_refuses_the_rest(self):
        rows = load(canopy("catalog", "sql", "SELECT crop, count(*) AS tiles FROM examples GROUP BY crop", "--json", "--workspace", self.space)[0])
        self.assertEqual(rows[0]["crop"], "orange")
        self.assertIn("only a SELECT", canopy("catalog", "sql", "DROP TABLE tiles", "--workspace", self.space, expect=4)[1])
        self.assertIn("2 statements", canopy("catalog", "sql", "SELECT 1; SELECT 2", "--workspace", self.space, expect=4)[1])
        self.assertIn("croop", canopy("catalog", "sql", "SELECT croop FROM examples", "--workspace", self.space, expect=None)[1])
        farm = self.folder / "orchard"
        words = canopy("ingest", farm / "ortho.tif", farm / "crowns.gpkg", "crop=lemon", "--workspace", self.space, expect=4)[1]
        self.assertIn("the cluster's own COPY", words)


if __name__ == "__main__":
    unittest.main()
