# SPDX-License-Identifier: Apache-2.0
"""Training runs in a real MLflow tracking server, which may well be down while they train."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import unittest
import urllib.request

from program import CANOPY, ROOT, FolderTest, canopy, configure, load, orchard, workspace

PROGRAM = pathlib.Path(os.environ.get("CANOPY_MLFLOW") or ROOT / ".deps/interop/bin/mlflow")
SMALL = ("batch=1", "crop-px=128", "threads=1", "--progress", "none")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mlflow(FolderTest):
    def setUp(self):
        super().setUp()
        self.assertTrue(PROGRAM.exists(), f"{PROGRAM} is missing; run 'tools/bootstrap interop'")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        made = orchard(self.folder / "orchard", size_m=60)
        self.space = workspace(self.folder / "w")
        configure(self.space, "mlflow", url=self.url)
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "--workspace", self.space)
        self.dataset = load(canopy("dataset", "create", "oaks", "split-by=tile_key", "--json", "--workspace", self.space)[0])

    @contextlib.contextmanager
    def server(self):
        log = (self.folder / "mlflow.log").open("a")
        words = [PROGRAM, "server", "--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db", "--default-artifact-root", self.folder / "artifacts",
                 "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        process = subprocess.Popen(list(map(str, words)), stdout=log, stderr=log, start_new_session=True)
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(self.url + "/health", timeout=2)
                    break
                self.assertIsNone(process.poll(), (self.folder / "mlflow.log").read_text()[-2000:])
                time.sleep(0.1)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)
            log.close()

    def api(self, path, **body):
        request = urllib.request.Request(f"{self.url}/api/2.0/mlflow/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        return load(urllib.request.urlopen(request, timeout=20).read())

    def runs(self):
        url = f"{self.url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=canopy"
        experiment = load(urllib.request.urlopen(url, timeout=20).read())["experiment"]["experiment_id"]
        return self.api("runs/search", experiment_ids=[experiment]).get("runs", [])

    def history(self, run, key):
        url = f"{self.url}/api/2.0/mlflow/metrics/get-history?run_id={run['info']['run_id']}&metric_key={key}"
        return load(urllib.request.urlopen(url, timeout=20).read())["metrics"]

    def test_a_run_stands_there_with_its_parameters_steps_and_model(self):
        with self.server():
            canopy("train", "oaks", "run=first", "steps=5", "lr=0.0005", *SMALL, "--workspace", self.space)
            (run,) = self.runs()
            tags = {tag["key"]: tag["value"] for tag in run["data"]["tags"]}
            params = {param["key"]: param["value"] for param in run["data"]["params"]}
            self.assertEqual((run["info"]["run_name"], run["info"]["status"]), ("first", "FINISHED"))
            self.assertEqual(tags["canopy.dataset_id"], self.dataset["id"])
            self.assertTrue(pathlib.Path(tags["canopy.model_uri"].removeprefix("file://")).exists())
            self.assertEqual((params["steps"], params["lr"]), ("5", "0.0005"))
            losses = self.history(run, "loss")
            self.assertEqual([metric["step"] for metric in losses], [1, 2, 3, 4, 5])
            first = (self.space / "runs/first/metrics.csv").read_text().splitlines()
            self.assertAlmostEqual(losses[0]["value"], float(first[1].split(",")[first[0].split(",").index("loss")]))
            self.assertIn("final_f1", {metric["key"] for metric in run["data"]["metrics"]})

    def test_a_server_that_is_down_hears_of_everything_later_and_once(self):
        begin = time.monotonic()
        canopy("train", "oaks", "run=first", "steps=2", *SMALL, "--workspace", self.space)
        alone = time.monotonic() - begin
        waiting = list((self.space / "outbox/mlflow").glob("*.json"))
        self.assertEqual(len(waiting), 2, "that it runs, and how it ended")
        self.assertLess(alone, 120)
        with self.server():
            canopy("train", "oaks", "run=second", "steps=2", *SMALL, "--workspace", self.space)
            self.assertEqual(sorted((run["info"]["run_name"], run["info"]["status"]) for run in self.runs()),
                             [("first", "FINISHED"), ("second", "FINISHED")])
            self.assertEqual([len(self.history(run, "loss")) for run in self.runs()], [2, 2])
        self.assertEqual(list((self.space / "outbox/mlflow").rglob("*.json")), [])

    def test_an_interrupted_run_goes_on_as_the_same_run(self):
        with self.server():
            words = [CANOPY, "train", "oaks", "run=first", "steps=2000", "checkpoint-every=1", *SMALL, "--workspace", str(self.space)]
            process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            while process.poll() is None and not list(self.space.glob("runs/first/checkpoints/*.json")):
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=120)
            self.assertEqual([run["info"]["status"] for run in self.runs()], ["KILLED"])
            done = len((self.space / "runs/first/metrics.csv").read_text().splitlines()) - 1
            config = self.space / "runs/first/config.toml"
            config.write_text(config.read_text().replace("steps = 2000", f"steps = {done + 2}"))
            canopy("train", "oaks", "run=first", "--resume", "--progress", "none", "--workspace", self.space)
            (run,) = self.runs()
            self.assertEqual([metric["step"] for metric in self.history(run, "loss")], list(range(1, done + 3)))


if __name__ == "__main__":
    unittest.main()
