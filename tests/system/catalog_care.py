# SPDX-License-Identifier: Apache-2.0
"""The catalog under many hands: 8 ingests at once, compaction and datasets that are killed, a rebuild from the store, gc. No row is lost or doubled."""
import random
import shutil
import signal
import subprocess
import time
import unittest

from program import CANOPY, FULL, FolderTest, canopy, load, orchard, workspace

KILLS = 50 if FULL else 3
ALL_ROWS = "SELECT * EXCLUDE (ingested_at) FROM tiles ORDER BY tile_id, ingest_id"


class CatalogCare(FolderTest):
    def rows(self, space, sql=ALL_ROWS):
        return canopy("catalog", "sql", sql, "format=csv", "--workspace", space)[0]

    def ingest_at_once(self, space, count):
        """`count` processes, each with its own revision of one orchard's labels."""
        made = orchard(self.folder / "orchard", preset="citrus", size_m=60)
        running = [subprocess.Popen([CANOPY, "ingest", str(made / "ortho.tif"), str(made / "crowns.gpkg"), "tile-size=256", "overlap=32",
                                     f"label-revision={n}", f"farm=F{n}", "--workspace", str(space), "--json"],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for n in range(1, count + 1)]
        reports = []
        for process in running:
            out, error = process.communicate(timeout=280)
            self.assertEqual(process.returncode, 0, error)
            reports.append(load(out))
        return made, reports

    def test_eight_ingests_at_once_lose_no_row_and_a_rebuild_gives_the_same(self):
        space = workspace(self.folder / "w")
        _, reports = self.ingest_at_once(space, 8)
        before = self.rows(space)
        expected = sum(report["tiles_written"] + report["tiles_kept"] for report in reports)
        self.assertEqual(before.count("\n") - 1, expected)
        self.assertEqual(self.files("w/examples/running"), [], "marks of ingests that ended")

        report = load(canopy("catalog", "rebuild", "--json", "--workspace", space)[0])
        self.assertEqual((report["rows"], report["parts_changed"], report["problems"]), (expected, 0, 0))
        shutil.rmtree(space / "catalog")
        canopy("catalog", "rebuild", "--workspace", space)
        self.assertEqual(self.rows(space), before)

    def test_a_rebuild_names_what_is_damaged_and_its_exit_code_says_so(self):
        space = workspace(self.folder / "w")
        self.ingest_at_once(space, 1)
        broken = sorted((space / "examples").rglob("*.example.gz"))[0]
        data = bytearray(broken.read_bytes())
        data[len(data) // 2] ^= 4
        broken.chmod(0o644)
        broken.write_bytes(data)
        self.assertIn(broken.name, canopy("catalog", "rebuild", "--workspace", space, expect=3)[1])

    def test_compaction_leaves_the_same_rows_and_the_same_datasets(self):
        space = workspace(self.folder / "w")
        made, _ = self.ingest_at_once(space, 4)
        before = self.rows(space)
        create = ["dataset", "create", "set", "split-by=tile_key", "--json", "--workspace", space]
        first = load(canopy(*create)[0])["id"]
        canopy("catalog", "compact", "--workspace", space)
        self.assertEqual(self.rows(space), before)
        report = load(canopy("catalog", "compact", "grace-s=0", "--json", "--workspace", space)[0])
        self.assertEqual(len(report["deleted"]), 4)
        self.assertEqual(len(self.files("w/catalog/tiles")), 1)
        self.assertEqual(self.rows(space), before)
        self.assertEqual(load(canopy(*create)[0])["id"], first)
        canopy("dataset", "verify", "set", "--workspace", space)
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "label-revision=1", "farm=F1", "--workspace", space)
        self.assertEqual(self.rows(space), before)

    def test_gc_tells_first_and_then_removes_what_nothing_refers_to(self):
        space = workspace(self.folder / "w")
        self.ingest_at_once(space, 2)
        latest = "SELECT * FROM examples ORDER BY tile_id"
        before, kept = self.rows(space, latest), self.files("w")
        out, _ = canopy("catalog", "gc", "--workspace", space)
        self.assertIn("superseded", out)
        self.assertIn("nothing was removed", out)
        self.assertEqual([f for f in self.files("w") if not f.endswith((".lock", ".sqlite"))], kept)
        report = load(canopy("catalog", "gc", "--remove", "grace-hours=0", "--json", "--workspace", space)[0])
        self.assertEqual(len(report["ingests"]), 1)
        self.assertEqual(self.rows(space, latest), before)
        self.assertEqual(len(self.files("w/examples/ingests")), 1)
        self.assertEqual(load(canopy("catalog", "rebuild", "--json", "--workspace", space)[0])["problems"], 0)

    def killed_somewhere(self, command, whole, rng):
        process = subprocess.Popen([CANOPY, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, whole))
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL

    def test_compaction_and_dataset_survive_kills(self):
        origin = workspace(self.folder / "origin")
        self.ingest_at_once(origin, 4)
        before, space = self.rows(origin), self.folder / "killed"
        commands = {"compact": ["catalog", "compact", "grace-s=0", "--workspace", space],
                    "dataset": ["dataset", "create", "set", "split-by=tile_key", "--workspace", space]}
        rng, killed = random.Random(11), 0
        for name, command in commands.items():
            shutil.rmtree(space, ignore_errors=True)
            shutil.copytree(origin, space)
            started = time.monotonic()
            canopy(*command)
            whole = time.monotonic() - started
            wanted = load(canopy("dataset", "list", "--json", "--workspace", space)[0])
            for _ in range(KILLS):
                shutil.rmtree(space)
                shutil.copytree(origin, space)
                killed += self.killed_somewhere(command, whole, rng)
                self.assertEqual(self.rows(space), before, f"{name} was killed and the rows changed")
                for dataset in load(canopy("dataset", "list", "--json", "--workspace", space)[0]):
                    canopy("dataset", "verify", dataset["dataset"], "--workspace", space)
                canopy(*command)
                self.assertEqual(self.rows(space), before)
                self.assertEqual(load(canopy("dataset", "list", "--json", "--workspace", space)[0]), wanted)
        print(f"{killed} of {2 * KILLS} were killed in flight")
        self.assertGreater(killed, 0)


if __name__ == "__main__":
    unittest.main()
