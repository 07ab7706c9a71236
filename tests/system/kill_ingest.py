# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of an ingest: no file under a final name is ever broken, and the next run completes."""
import gzip
import hashlib
import pathlib
import random
import shutil
import signal
import subprocess
import time
import unittest

from program import CANOPY, FULL, FolderTest, canopy, load, orchard, workspace

KILLS = 20 if FULL else 3


class KillIngest(FolderTest):
    def assertWhole(self, space):
        for path in (space / "examples").rglob("*.example.gz"):
            if ".tmp." not in path.name:
                self.assertEqual(hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest(), path.parent.name + path.name.split(".")[0])
        for path in space.rglob("*.parquet"):
            if ".tmp." not in path.name:
                data = path.read_bytes()
                self.assertEqual((data[:4], data[-4:]), (b"PAR1", b"PAR1"), path)

    def test_ingest_survives_kills(self):
        made = orchard(self.folder / "orchard", preset="citrus", size_m=120)
        command = [made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32"]
        reference = workspace(self.folder / "reference")
        started = time.monotonic()
        canopy("ingest", *command, "--workspace", reference)
        whole = time.monotonic() - started
        finals = lambda space: sorted(str(p.relative_to(space)) for p in space.rglob("*") if p.is_file() and ".tmp." not in p.name)
        rng, killed = random.Random(7), 0
        for attempt in range(KILLS):
            space = self.folder / "killed"
            shutil.rmtree(space, ignore_errors=True)
            workspace(space)
            process = subprocess.Popen([CANOPY, "ingest", *map(str, command), "--workspace", str(space)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0, whole))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
            self.assertWhole(space)
            canopy("ingest", *command, "--workspace", space)
            self.assertWhole(space)
            self.assertEqual(finals(space), finals(reference))
        print(f"{killed} of {KILLS} runs were killed in flight ({whole:.1f} s a run), all completed")
        self.assertGreater(killed, 0)


if __name__ == "__main__":
    unittest.main()
