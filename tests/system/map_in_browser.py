# SPDX-License-Identifier: Apache-2.0
"""The map in a real browser: a synthetic orchard is surveyed from its true label map, served by the program, opened in
Chromium, clicked and filtered; the screenshots go to CANOPY_SHOTS (or away with the test)."""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from program import CANOPY, ROOT, FolderTest, canopy, orchard


class MapInBrowser(FolderTest):
    def test_the_map_of_a_survey(self):
        made = orchard(self.folder / "orchard", preset="sick", size_m=80)
        canopy("insight", made / "ortho.tif", made / "truth_ids.tif", "--dsm", made / "dsm.tif", "survey=sick block", "-o", self.folder / "survey")
        server = subprocess.Popen([CANOPY, "serve", str(self.folder / "survey"), "port=0"], stdout=subprocess.PIPE, text=True)
        try:
            line = server.stdout.readline()
            self.assertIn("http://127.0.0.1:", line)
            url = line.split()[1]
            shots = pathlib.Path(os.environ.get("CANOPY_SHOTS", self.folder / "shots"))
            shots.mkdir(parents=True, exist_ok=True)
            node = ROOT / ".deps/node/bin/node"
            done = subprocess.run([str(node), "test/map.mjs", url, str(shots)], cwd=ROOT / "web", capture_output=True, text=True, timeout=250)
            print(done.stdout, done.stderr, file=sys.stderr)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertTrue(list(shots.glob("*.png")))
        finally:
            server.terminate()
            self.assertIn(server.wait(timeout=20), (0, 143))


if __name__ == "__main__":
    if not shutil.which("chromium"):
        sys.exit(77)
    unittest.main()
