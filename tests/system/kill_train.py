# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of a training run: the newest checkpoint is always whole, and resuming completes the run."""
import pathlib
import random
import signal
import struct
import subprocess
import time
import unittest
import json

from program import CANOPY, FULL, FolderTest, canopy, orchard, workspace

KILLS = 20 if FULL else 3
STEPS = 600 if FULL else 60


class KillTrain(FolderTest):
    def assertWhole(self, space):
        for path in space.rglob("*.safetensors"):
            if ".tmp." in path.name:
                continue
            data = path.read_bytes()
            length = struct.unpack("<Q", data[:8])[0]
            header = json.loads(data[8:8 + length])
            end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
            self.assertEqual(len(data), 8 + length + end, path)

    def test_train_survives_kills(self):
        made = orchard(self.folder / "orchard", size_m=60)
        space = workspace(self.folder / "w")
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "--workspace", space)
        canopy("dataset", "create", "d", "split=train=100", "split-by=tile_key", "--workspace", space)
        command = [CANOPY, "train", "d", "--workspace", str(space), "--run", "killed", f"steps={STEPS}", "batch=1", "crop-px=128", "checkpoint-every=2", "--resume"]
        rng, killed = random.Random(5), 0
        for attempt in range(KILLS):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.5, 4))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
            self.assertWhole(space)
        canopy(*command[1:], timeout=900)
        self.assertWhole(space)
        run = space / "runs/killed"
        self.assertTrue((run / "DONE").exists())
        steps = [int(line.split(",")[0]) for line in (run / "metrics.csv").read_text().splitlines()[1:]]
        self.assertEqual(steps, sorted(set(steps)), "a step was recorded twice")
        self.assertEqual(steps[-1], STEPS)
        self.assertEqual(len(list((space / "models").glob("*.safetensors"))), 1)
        print(f"{killed} of {KILLS} runs were killed in flight; the last one completed")
        self.assertGreater(killed, 0)


if __name__ == "__main__":
    unittest.main()
