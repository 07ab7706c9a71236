# SPDX-License-Identifier: Apache-2.0
"""deploy/sagemaker: the tuning job has the shape of the public API, its names are options, its regexes find what train prints, and the
container's program trains by them, again after a Spot instance was taken away."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import tomllib
import unittest

import botocore.loaders
import botocore.model
import botocore.validate

from program import CANOPY, ROOT, FolderTest, canopy, load, orchard, workspace

JOB = json.loads((ROOT / "deploy/sagemaker/tuning-job.json").read_text())
CONFIG, TRAINING = JOB["HyperParameterTuningJobConfig"], JOB["TrainingJobDefinition"]
PROGRAM = pathlib.Path(CANOPY).parent / "canopy-train"
TINY = {"batch": "1", "crop-px": "128", "threads": "1", "eval-tiles": "1", "steps": "6", "eval-every": "3", "checkpoint-every": "1", "precision": "fp32"}


def ranges():
    for kind, list_of in CONFIG["ParameterRanges"].items():
        for entry in list_of:
            yield kind, entry


class TuningJob(FolderTest):
    def test_the_request_has_the_shape_of_the_public_api(self):
        model = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")
        shape = botocore.model.ServiceModel(model).operation_model("CreateHyperParameterTuningJob").input_shape
        report = botocore.validate.ParamValidator().validate(JOB, shape)
        self.assertFalse(report.has_errors(), report.generate_report())
        self.check_strings(JOB, shape, "job")

    def check_strings(self, value, shape, where):
        """Patterns, lengths and words, which botocore leaves to the service."""
        if shape.type_name == "structure":
            for name, member in value.items():
                self.check_strings(member, shape.members[name], f"{where}.{name}")
        elif shape.type_name == "list":
            for member in value:
                self.check_strings(member, shape.member, where + "[]")
        elif shape.type_name == "map":
            for key, member in value.items():
                self.check_strings(key, shape.key, where + ".key")
                self.check_strings(member, shape.value, f"{where}.{key}")
        elif shape.type_name == "string":
            if shape.enum:
                self.assertIn(value, shape.enum, where)
            if pattern := shape.metadata.get("pattern"):
                self.assertRegex(value, f"^(?:{pattern})$", where)
            self.assertLessEqual(len(value), shape.metadata.get("max", len(value)), where)

    def test_every_channel_is_one_that_the_container_reads(self):
        names = {channel["ChannelName"] for channel in TRAINING["InputDataConfig"]}
        self.assertEqual(names, set(re.findall(r"input/data/(\w+)", (ROOT / "deploy/sagemaker/train").read_text())))
        self.assertEqual(TRAINING["CheckpointConfig"]["LocalPath"], "/opt/ml/checkpoints")

    def test_every_hyperparameter_is_an_option_of_train_and_every_range_one_of_its_values(self):
        options = {option["name"]: option for option in load(canopy("train", "--json-usage")[0])["options"]}
        of_kind = {"ContinuousParameterRanges": "number", "IntegerParameterRanges": "integer"}
        for kind, entry in ranges():
            self.assertIn(entry["Name"], options)
            if kind in of_kind:
                self.assertEqual(options[entry["Name"]]["type"], of_kind[kind], entry)
                self.assertLess(float(entry["MinValue"]), float(entry["MaxValue"]))
                self.assertTrue(entry["ScalingType"] == "Linear" or float(entry["MinValue"]) > 0, entry)
        for name in TRAINING["StaticHyperParameters"]:
            self.assertIn(name, options)

    def test_the_container_trains_by_its_hyperparameters_and_goes_on_after_a_spot_instance_is_gone(self):
        ml = self.container()
        process = subprocess.Popen(self.words(), env=self.environment(ml), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        while process.poll() is None and not list(ml.glob("checkpoints/walnuts-001/checkpoints/*.json")):
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        out = process.communicate(timeout=100)[0]
        self.assertNotEqual(process.returncode, 0)
        self.assertFalse((ml / "model/model.safetensors").exists())
        done = subprocess.run(self.words(), env=self.environment(ml), capture_output=True, text=True, timeout=200)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((ml / "model/model.safetensors").exists())
        options = tomllib.loads((ml / "checkpoints/walnuts-001/config.toml").read_text())
        self.assertEqual((options["lr"], options["name"]), (0.0007, "walnut"))
        self.assertEqual(options["start"], str(ml / "input/data/start/trees.safetensors"))
        steps = [int(line.split(",")[0]) for line in (ml / "checkpoints/walnuts-001/metrics.csv").read_text().splitlines()[1:]]
        self.assertEqual(steps, [1, 2, 3, 4, 5, 6])
        definitions = {one["Name"]: one["Regex"] for one in TRAINING["AlgorithmSpecification"]["MetricDefinitions"]}
        self.assertIn(CONFIG["HyperParameterTuningJobObjective"]["MetricName"], definitions)
        final = load((ml / "checkpoints/walnuts-001/DONE").read_text())["metrics"]
        for name, regex in definitions.items():
            found = re.findall(regex, out + done.stdout)
            self.assertGreaterEqual(len(found), 3, name)
            self.assertAlmostEqual(float(found[-1]), final[name.removeprefix("val_")], 5, name)

    def test_what_goes_wrong_is_told_to_sagemaker(self):
        ml = self.container({"modle": "r18"})
        done = subprocess.run(self.words(), env=self.environment(ml), capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, 2)
        self.assertIn("unknown key 'modle'; did you mean 'model'?", (ml / "output/failure").read_text())

    def words(self):
        return [sys.executable, str(ROOT / "deploy/sagemaker/train")]

    def environment(self, ml):
        return os.environ | {"CANOPY_ML": str(ml), "TRAINING_JOB_NAME": "walnuts-001", "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}

    def container(self, more=()):
        """What SageMaker lays out for one training job of the tuning job."""
        made = orchard(self.folder / "orchard", size_m=60)
        space = workspace(self.folder / "w")
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "--workspace", space)
        canopy("dataset", "create", "oaks", "split-by=tile_key", "split=train=60,val=40", "--workspace", space)
        ml = self.folder / "ml"
        for folder in ("input/config", "input/data/refs", "input/data/start", "model", "checkpoints"):
            (ml / folder).mkdir(parents=True)
        canopy("dataset", "export", "oaks", "--refs", ml / "input/data/refs/oaks.tsv", "--workspace", space)
        (ml / "input/data/examples").symlink_to(space / "examples")
        (ml / "input/data/start/trees.safetensors").symlink_to(ROOT.absolute() / "models/trees.safetensors")
        given = TRAINING["StaticHyperParameters"] | {"_tuning_objective_metric": "val_f1", "lr": '"0.0007"'} | TINY | dict(more)
        (ml / "input/config/hyperparameters.json").write_text(json.dumps(given))
        return ml


if __name__ == "__main__":
    unittest.main()
