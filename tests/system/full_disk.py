# SPDX-License-Identifier: Apache-2.0
"""A disk that fills up under ingest, compaction and dataset: one line says so, what was there stays whole, nothing half-made is seen, and with room again the
same command completes."""
import gzip
import hashlib
import os
import shutil
import subprocess
import unittest

from program import FolderTest, canopy, load, orchard, workspace

FREE_KB = (4, 24, 400)  # what is left when the command begins: it comes to another end with each
ALL_ROWS = "SELECT * EXCLUDE (ingested_at) FROM tiles ORDER BY tile_id, ingest_id"


@unittest.skipUnless(os.geteuid() == 0, "needs root to mount a small disk")
class FullDisk(FolderTest):
    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", self.disk], capture_output=True).returncode:
            self.skipTest("mounting is not allowed here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=True)
        self.orchard = orchard(self.folder / "orchard", preset="citrus", size_m=30)
        self.space = workspace(self.disk / "w")
        for revision in (1, 2):
            canopy(*self.ingest(revision))
        self.rows_before = self.rows()

    def ingest(self, revision, tile_size=128):
        return ["ingest", self.orchard / "ortho.tif", self.orchard / "crowns.gpkg", f"tile-size={tile_size}", "overlap=16", f"label-revision={revision}",
                "--progress", "none", "--workspace", self.space]

    def rows(self):
        return canopy("catalog", "sql", ALL_ROWS, "format=csv", "--workspace", self.space)[0]

    def datasets(self):
        return load(canopy("dataset", "list", "--json", "--workspace", self.space)[0])

    def fails_without_room(self, command, free_kb):
        filler = self.disk / "filler"
        free = shutil.disk_usage(self.disk).free - free_kb * 1024
        with filler.open("wb") as file:
            file.write(bytes(free))
        try:
            _, error = canopy(*command, expect=1)
            self.assertEqual(len([line for line in error.splitlines() if line.startswith("error: ")]), 1, error)
            self.assertRegex(error, "(?i)no space left|disk is full|full")
            self.assertEqual(self.rows(), self.rows_before)
            self.assertEqual(self.datasets(), [])
            self.assertEqual([name for name in self.files("disk") if ".tmp." in name], [])
            for example in self.disk.rglob("*.example.gz"):
                self.assertEqual(hashlib.sha256(gzip.decompress(example.read_bytes())).hexdigest(), example.parent.name + example.name.split(".")[0])
        finally:
            filler.unlink()

    def test_an_ingest_is_completed_when_there_is_room(self):
        command = self.ingest(3, tile_size=96)
        for free_kb in FREE_KB:
            self.fails_without_room(command, free_kb)
        canopy(*command)
        report = load(canopy("catalog", "rebuild", "--json", "--workspace", self.space)[0])
        self.assertEqual((report["ingests"], report["parts_changed"], report["examples_unclaimed"], report["problems"]), (3, 0, 0, 0))

    def test_a_compaction_leaves_the_parts_as_they_are(self):
        command = ["catalog", "compact", "grace-s=0", "--workspace", self.space]
        for free_kb in FREE_KB[:2]:
            self.fails_without_room(command, free_kb)
        canopy(*command)
        self.assertEqual(self.rows(), self.rows_before)
        self.assertEqual(len(self.files("disk/w/catalog/tiles")), 1)

    def test_a_dataset_is_there_whole_or_not_at_all(self):
        command = ["dataset", "create", "set", "split-by=tile_key", "--json", "--workspace", self.space]
        for free_kb in FREE_KB[:2]:
            self.fails_without_room(command, free_kb)
        made = load(canopy(*command)[0])
        self.assertEqual(len(self.datasets()), 1)
        self.assertGreater(made["counts"]["tiles"], 3)
        canopy("dataset", "verify", "set", "--workspace", self.space)


if __name__ == "__main__":
    unittest.main()
