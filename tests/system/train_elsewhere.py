# SPDX-License-Identifier: Apache-2.0
"""Training where there is no workspace: a dataset leaves as a list, canopy-train makes a run, and the run comes home."""
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from program import CANOPY, FolderTest, canopy, load, orchard, workspace

# CANOPY_TRAIN names another build of it: that of CANOPY_CORE_ONLY, in core_only.py.
PROGRAM = os.environ.get("CANOPY_TRAIN", str(pathlib.Path(CANOPY).parent / "canopy-train"))
SMALL = ("steps=5", "batch=1", "crop-px=128", "threads=1", "--progress", "none")


class TrainElsewhere(FolderTest):
    def setUp(self):
        """A workspace with a dataset, and beside it a folder with no more than its list and its example files."""
        super().setUp()
        made = orchard(self.folder / "orchard", size_m=60)
        self.space, self.away = workspace(self.folder / "w"), self.folder / "away"
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "--workspace", self.space)
        self.dataset = load(canopy("dataset", "create", "oaks", "split-by=tile_key", "--json", "--workspace", self.space)[0])
        self.away.mkdir()
        canopy("dataset", "export", "oaks", "--refs", self.away / "oaks.tsv", "--workspace", self.space)
        shutil.copytree(self.space / "examples", self.away / "examples")

    def train(self, *words, expect=0):
        done = subprocess.run([PROGRAM, *map(str, words)], cwd=self.away, capture_output=True, text=True, timeout=280)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def bring_home(self, run):
        shutil.copytree(self.away / "runs" / run, self.space / "runs" / run)

    def test_the_list_names_the_dataset_and_every_tile_with_its_split(self):
        head, columns, *rows = (self.away / "oaks.tsv").read_text().splitlines()
        self.assertEqual(head, f"# dataset\toaks\t{self.dataset['id']}")
        splits = [dict(zip(columns.split("\t"), row.split("\t")))["split"] for row in rows]
        for split, counts in self.dataset["counts"]["splits"].items():
            self.assertEqual(splits.count(split), counts["tiles"])
        canopy("dataset", "export", "oaks", "--refs", self.away / "oaks.tsv", "--workspace", self.space, expect=1)
        canopy("dataset", "export", "oaks", "--workspace", self.space, expect=4)

    def test_a_run_made_elsewhere_becomes_a_run_of_the_workspace(self):
        result = load(self.train("oaks.tsv", *SMALL, "name=oak", "--json", "-o", "runs/far/")[0])
        self.assertTrue(result["done"])
        self.assertEqual((result["run"], result["steps"]), ("far", 5))
        self.bring_home("far")
        out, _ = canopy("run", "import", "far", "--workspace", self.space)
        self.assertIn("models/oak-", out)
        model = load(canopy("model", "show", "oak", "--workspace", self.space)[0])
        self.assertEqual((model["name"], model["run_id"], model["dataset_id"]), ("oak", "far", self.dataset["id"]))
        run = load(canopy("run", "show", "far", "--workspace", self.space)[0])
        self.assertEqual((run["status"], run["examples_seen"]), ("done", 5))
        self.assertGreater(run["cpu_s"], 0)
        self.assertEqual({node["kind"] for node in run["lineage"]}, {"query", "dataset", "run", "model"})
        scores = load(canopy("catalog", "sql", "SELECT sum(times_seen) AS seen FROM scores WHERE run_id = 'far'", "--json", "--workspace", self.space)[0])
        self.assertEqual(scores, [{"seen": 5}])
        self.assertIn("already", canopy("run", "import", "far", "--workspace", self.space, expect=1)[1])

    def test_an_interrupted_run_goes_on_and_says_what_each_start_cost(self):
        words = [PROGRAM, "oaks.tsv", "steps=2000", "checkpoint-every=1", *SMALL[1:], "-o", "runs/far"]
        process = subprocess.Popen(words, cwd=self.away, stdout=subprocess.PIPE, text=True)
        while process.poll() is None and not list(self.away.glob("runs/far/checkpoints/*.json")):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 143)
        self.assertIn("canopy-train oaks.tsv store=examples -o runs/far --resume", out)
        config = self.away / "runs/far/config.toml"
        config.write_text(config.read_text().replace("steps = 2000", "steps = 3"))  # so that it ends soon
        self.train("oaks.tsv", "--progress", "none", "-o", "runs/far", "--resume")
        told = load((self.away / "runs/far/run.json").read_text())
        self.assertEqual([start["status"] for start in told["starts"]], ["interrupted", "done"])
        before = (self.away / "runs/far/run.json").read_text()
        self.train("oaks.tsv", "-o", "runs/far", "--resume")
        self.assertEqual((self.away / "runs/far/run.json").read_text(), before, "a run that is done is not touched")

    def test_slips_are_told_in_one_line_and_leave_nothing_behind(self):
        for words, code, part in (
            (["oaks.tsv", "stpes=5", "-o", "x"], 2, "did you mean 'steps'?"),
            (["oaks.tsv", "--stpes", "5", "-o", "x"], 2, "did you mean '--steps'?"),
            (["oaks.tsv", "--steps"], 2, "--steps needs a value"),
            (["oaks.tsv"], 2, "-o PATH is missing"),
            (["-o", "x"], 2, "REFS is missing"),
            (["nowhere.tsv", "-o", "x"], 1, "nowhere.tsv"),
            (["oaks.tsv", "store=nowhere", "-o", "x"], 4, "store=FOLDER"),
            (["oaks.tsv", "store=.", "-o", "x"], 4, "is not there"),
            (["oaks.tsv", "steps=-1", "-o", "x"], 4, "must not be negative"),
        ):
            error = self.train(*words, expect=code)[1]
            self.assertEqual(len(error.strip().splitlines()), 1, error)
            self.assertIn(part, error)
            self.assertFalse((self.away / "x").exists(), words)
        self.assertIn("--steps", self.train("--help")[0])

    def test_a_run_of_no_dataset_that_the_workspace_knows_is_not_imported(self):
        text = (self.away / "oaks.tsv").read_text().splitlines(keepends=True)
        (self.away / "bare.tsv").write_text("".join(text[1:]))
        (self.away / "other.tsv").write_text("# dataset\toaks\t" + "0" * 64 + "\n" + "".join(text[1:]))
        for name, code, part in (("bare", 4, "canopy dataset export"), ("other", 1, "0000")):
            self.train(f"{name}.tsv", *SMALL, "steps=1", "-o", f"runs/{name}")
            self.bring_home(name)
            self.assertIn(part, canopy("run", "import", name, "--workspace", self.space, expect=code)[1])
        self.assertFalse((self.space / "models").exists())


if __name__ == "__main__":
    unittest.main()
