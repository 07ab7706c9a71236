# SPDX-License-Identifier: Apache-2.0
"""The studies of `tune train` in Optuna itself and in its dashboard, and Optuna driving `canopy train`."""
import datetime
import json
import os
import sqlite3
import subprocess
import sys
import unittest
import warnings
from wsgiref.util import setup_testing_defaults

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from program import CANOPY, ROOT, FolderTest, canopy, load, orchard, workspace

SMALL = ("batch=1", "crop-px=128", "weights=random", "threads=1", "eval-tiles=1", "checkpoint-every=1", "--progress", "none")


def shape_of(path):
    """Columns, foreign keys and indexes of every table."""
    with sqlite3.connect(path) as file:
        tables = sorted(name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
        return {table: [sorted(map(str, file.execute(f"SELECT {columns} FROM {pragma}('{table}')"))) for pragma, columns in (
            ("pragma_table_info", "name, type, \"notnull\", pk"), ("pragma_foreign_key_list", "\"table\", \"from\", \"to\""),
            ("pragma_index_list", "\"unique\", origin"))] for table in tables}


class OptunaOpensStudies(FolderTest):
    def setUp(self):
        super().setUp()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore", category=optuna.exceptions.ExperimentalWarning)
        made = orchard(self.folder / "orchard", size_m=60)
        self.space = workspace(self.folder / "w")
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "--workspace", self.space)
        canopy("dataset", "create", "oaks", "split-by=tile_key", "split=train=60,val=40", "--workspace", self.space)
        self.storage = f"sqlite:///{self.space}/studies/optuna.sqlite"

    def tune(self, *words):
        out = canopy("tune", "train", "oaks", *SMALL, *words, "--json", "--workspace", self.space)[0]
        return load(out)

    def test_optuna_sees_what_canopy_says_and_goes_on_with_it(self):
        before = datetime.datetime.now()
        found = self.tune("study=oaks", "trials=4", "steps=3", "eval-every=1", "search=lr,batch:1..2,precision:fp32/bf16", "prune-after=1")
        study = optuna.load_study(study_name="oaks", storage=self.storage)
        self.assertEqual(study.direction, optuna.study.StudyDirection.MAXIMIZE)
        self.assertEqual(study.metric_names, ["val f1"])
        self.assertEqual(study.user_attrs["options"]["steps"], 3)
        self.assertEqual(study.best_value, found["best"]["value"])
        self.assertEqual(study.best_trial.number, found["best"]["number"])
        self.assertEqual(len(study.trials), 4)
        for trial, said in zip(study.trials, found["trials"]):
            self.assertEqual(trial.state.name, said["state"])
            self.assertEqual(trial.value, said["value"])
            self.assertEqual(trial.distributions, {
                "lr": FloatDistribution(1e-4, 3e-3, log=True), "batch": IntDistribution(1, 2, log=True), "precision": CategoricalDistribution(("fp32", "bf16"))})
            self.assertEqual({name: type(value)(said["setting"][name]) for name, value in trial.params.items()}, trial.params)
            self.assertEqual(trial.user_attrs["run"], said["run"])
            self.assertLess(before, trial.datetime_start)
            self.assertLess(trial.datetime_start, trial.datetime_complete)
            self.assertLessEqual(trial.datetime_complete, datetime.datetime.now())
            metrics = (self.space / "runs" / trial.user_attrs["run"] / "metrics.csv").read_text().splitlines()
            f1 = metrics[0].split(",").index("val_f1")
            self.assertEqual(list(trial.intermediate_values), [int(line.split(",")[0]) for line in metrics[1:]])
            for value, line in zip(trial.intermediate_values.values(), metrics[1:]):
                self.assertAlmostEqual(value, float(line.split(",")[f1]), 5)
            if trial.state == TrialState.COMPLETE:
                self.assertEqual(trial.user_attrs["box_ap50"], load((self.space / "runs" / said["run"] / "DONE").read_text())["metrics"]["box_ap50"])

        trial = study.ask({"lr": FloatDistribution(1e-4, 3e-3, log=True), "batch": IntDistribution(1, 2, log=True), "precision": CategoricalDistribution(("fp32", "bf16"))})
        study.tell(trial, 0.5)
        again = self.tune("study=oaks", "trials=6")
        self.assertEqual([t["number"] for t in again["trials"]], [0, 1, 2, 3, 4, 5])
        self.assertEqual(again["trials"][4]["value"], 0.5)

    def test_the_file_is_one_that_optuna_would_have_made(self):
        self.tune("trials=1", "steps=1")
        own = self.folder / "own.sqlite"
        optuna.create_study(study_name="own", storage=f"sqlite:///{own}")
        self.assertEqual(shape_of(self.space / "studies/optuna.sqlite"), shape_of(own))
        versions = [list(sqlite3.connect(path).execute("SELECT version_num, schema_version FROM alembic_version, version_info"))
                    for path in (self.space / "studies/optuna.sqlite", own)]
        self.assertEqual(versions[0], versions[1])

    def test_the_dashboard_lists_a_study_and_its_trials(self):
        from optuna_dashboard import wsgi

        self.tune("study=oaks", "trials=2", "steps=2", "eval-every=1")
        app = wsgi(self.storage)

        def get(path):
            environ, answer = {}, {}
            setup_testing_defaults(environ)
            environ["PATH_INFO"] = path
            body = b"".join(app(environ, lambda status, *_: answer.update(status=status)))
            self.assertTrue(answer["status"].startswith("200"), answer)
            return json.loads(body)

        (study,) = get("/api/studies")["study_summaries"]
        self.assertEqual(study["study_name"], "oaks")
        trials = get(f"/api/studies/{study['study_id']}")["trials"]
        self.assertEqual([trial["number"] for trial in trials], [0, 1])
        self.assertIn("lr", {param["name"] for param in trials[0]["params"]})
        self.assertEqual([value["step"] for value in trials[0]["intermediate_values"]], [1, 2])

    def test_optunas_own_search_drives_canopy_train(self):
        script = [sys.executable, ROOT / "deploy/optuna/tune.py", "oaks", "--study", "mine", "--trials", "2", "--steps", "4",
                  "--storage", f"sqlite:///{self.folder}/mine.sqlite", "--workspace", self.space, *SMALL]
        done = subprocess.run([*map(str, script)], env=os.environ | {"CANOPY": CANOPY}, capture_output=True, text=True, timeout=250)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("best ", done.stdout)
        study = optuna.load_study(study_name="mine", storage=f"sqlite:///{self.folder}/mine.sqlite")
        self.assertEqual([trial.state for trial in study.trials], [TrialState.COMPLETE] * 2)
        self.assertEqual(list(study.trials[0].intermediate_values), [1, 2, 3, 4])
        figures = load((self.space / "runs/mine-0/DONE").read_text())["metrics"]
        self.assertAlmostEqual(study.trials[0].value, figures["f1"], 5)


if __name__ == "__main__":
    unittest.main()
