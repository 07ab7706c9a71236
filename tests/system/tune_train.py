# SPDX-License-Identifier: Apache-2.0
"""`tune train` searches settings in real runs, survives kill -9, and ends with a config file that `train` takes."""
import re
import signal
import sqlite3
import subprocess
import time
import tomllib
import unittest

from program import CANOPY, FolderTest, canopy, load, orchard, workspace

SMALL = ("batch=1", "crop-px=128", "weights=random", "threads=1", "eval-tiles=1")
FOUR = ("steps=4", "eval-every=2", "checkpoint-every=1")


class TuneTrain(FolderTest):
    def setUp(self):
        super().setUp()
        made = orchard(self.folder / "orchard", size_m=60)
        self.space = workspace(self.folder / "w")
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "--workspace", self.space)
        canopy("dataset", "create", "oaks", "split-by=tile_key", "split=train=60,val=40", "--workspace", self.space)

    def words(self, *words):
        return *words, *SMALL, "--workspace", self.space, "--progress", "none"

    def canopy(self, *words, expect=0):
        return canopy(*self.words(*words), expect=expect)

    def test_a_study_is_runs_of_the_workspace_and_a_config_of_train(self):
        search = ("tune", "train", "oaks", "study=first", "trials=3", *FOUR, "search=lr:1e-4..1e-3,augmented:true/false")
        out = self.canopy(*search)[0]
        self.assertIn("search     lr 1e-04..0.001 (log)", out)
        self.assertIn("trial 0    augmented=true  lr=6e-04", out)
        self.assertIn("written    studies/first.toml", out)
        found = load(self.canopy(*search, "--json")[0])
        self.assertEqual((found["done"], len(found["trials"])), (True, 3))
        runs = {run["run"]: run["status"] for run in load(self.canopy_list("run", "list"))}
        for trial in found["trials"]:
            self.assertIn(trial["state"], ("COMPLETE", "PRUNED"))
            options = tomllib.loads((self.space / "runs" / trial["run"] / "config.toml").read_text())
            self.assertEqual(options["lr"], float(trial["setting"]["lr"]))
            self.assertEqual(options["augmented"], trial["setting"]["augmented"] == "true")
            self.assertEqual(runs[trial["run"]], "done" if trial["state"] == "COMPLETE" else "interrupted")
        self.assertEqual(found["best"]["value"], max(t["value"] for t in found["trials"] if t["state"] == "COMPLETE"))
        self.canopy("train", "oaks", "run=again", "steps=1", "--config", self.space / found["config"])
        again = tomllib.loads((self.space / "runs/again/config.toml").read_text())
        self.assertEqual(again["lr"], float(found["best"]["setting"]["lr"]))

        more = load(self.canopy("tune", "train", "oaks", "study=first", "trials=4", "--json")[0])
        self.assertEqual(len(more["trials"]), 4, "with the options that it was begun with")
        self.assertEqual(more["trials"][3]["setting"].keys(), {"lr", "augmented"})
        self.assertEqual(tomllib.loads((self.space / "runs/first-3/config.toml").read_text())["steps"], 4)

    def canopy_list(self, *words):
        return canopy(*words, "--json", "--workspace", self.space)[0]

    def test_killed_and_begun_again_a_study_gets_its_trials(self):
        search = self.words("tune", "train", "oaks", "study=killed", "trials=3", "steps=8", "eval-every=4", "checkpoint-every=1", "pruning=none")
        for trial in range(2):
            process = subprocess.Popen([CANOPY, *map(str, search)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            run = self.space / f"runs/killed-{trial}"
            while process.poll() is None and not list(run.glob("checkpoints/*.json")):
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            self.assertEqual(process.wait(), -signal.SIGKILL)
            states = self.states()
            self.assertEqual(states, ["COMPLETE"] * trial + ["RUNNING"])
        found = load(canopy(*search, "--json")[0])
        self.assertEqual(self.states(), ["COMPLETE"] * 3)
        self.assertEqual([trial["steps_evaluated"] for trial in found["trials"]], [8, 8, 8])
        for trial in range(3):
            lines = (self.space / f"runs/killed-{trial}/metrics.csv").read_text().splitlines()[1:]
            self.assertEqual([int(line.split(",")[0]) for line in lines], list(range(1, 9)), "no step was lost or done twice")
        self.assertEqual(list((self.space / "studies").glob("*.lock")), [])

    def states(self):
        with sqlite3.connect(self.space / "studies/optuna.sqlite") as file:
            return [state for (state,) in file.execute("SELECT state FROM trials ORDER BY number")]

    def test_interrupted_it_says_so_and_the_same_command_goes_on(self):
        search = self.words("tune", "train", "oaks", "study=stopped", "trials=1", "steps=400", "eval-every=200")
        process = subprocess.Popen([CANOPY, *map(str, search)], stdout=subprocess.PIPE, text=True)
        while process.poll() is None and not (self.space / "runs/stopped-0/log.jsonl").exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        self.assertIn("the same command goes on", process.communicate(timeout=100)[0])
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.states(), ["RUNNING"])

    def test_mistakes_are_named(self):
        def refusal(*words, code=4):
            return self.canopy("tune", "train", *words, expect=code)[1]

        self.assertIn("unknown option 'lrr'; did you mean 'lr'?", refusal("oaks", "search=lrr"))
        self.assertIn("search: lr=2: lr must lie in (0, 1]", refusal("oaks", "search=lr:0.1..2"))
        self.assertIn("objective 'loss' is not known", refusal("oaks", "objective=loss"))
        self.assertIn("eval-every is needed with minutes", refusal("oaks", "minutes=1"))
        self.assertIn("cannot name a run", refusal("oaks", "study=a/b"))
        canopy("dataset", "create", "alone", "split-by=tile_key", "split=train=100", "--workspace", self.space)
        canopy("dataset", "create", "others", "split-by=tile_key", "split=train=50,val=50", "--workspace", self.space)
        self.assertIn("no labelled tile in its split 'val'", refusal("alone"))
        self.assertFalse((self.space / "studies").exists(), "nothing was begun")
        self.canopy("tune", "train", "oaks", "study=first", "trials=1", *FOUR)
        self.assertIn("was begun with steps=4, not 9; leave it out", refusal("oaks", "study=first", "steps=9", code=1))
        self.assertIn("is about the dataset oaks-", refusal("others", "study=first", code=1))

    def test_train_prints_metrics_as_lines_where_asked(self):
        plain = self.canopy("train", "oaks", "run=plain", *FOUR)[0]
        self.assertNotIn("val_f1", plain)
        out = self.canopy("train", "oaks", "run=lines", *FOUR, "--metric-lines")[0]
        lines = [line for line in out.splitlines() if line.startswith("step=")]
        self.assertEqual([line.split()[0] for line in lines], ["step=2", "step=4", "step=4"])
        for line in lines:
            self.assertRegex(line, r"^step=\d+ loss=\d+\.\d{6} val_box_ap50=-?\d+\.\d{6} val_f1=\d+\.\d{6} val_mask_ap50=-?\d+\.\d{6}$")
        done = load((self.space / "runs/lines/DONE").read_text())["metrics"]
        self.assertAlmostEqual(float(re.search(r"val_f1=([0-9.]+)", lines[-1])[1]), done["f1"], 6)
        self.assertIn("leave one of them out", self.canopy("train", "oaks", "--metric-lines", "--json", expect=4)[1])


if __name__ == "__main__":
    unittest.main()
