# SPDX-License-Identifier: Apache-2.0
"""A prediction that is killed goes on where it was: the model is not asked again, and the label map has the same bytes."""
import signal
import subprocess
import time
import unittest

from program import CANOPY, FolderTest, canopy, load, orchard


class KillPredict(FolderTest):
    def whole_tiles(self, folder):
        """When each was written, but for those that the kill tore."""
        return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.tile") if ".tmp." not in path.name}

    def test_after_a_kill_the_same_command_goes_on_from_its_tiles(self):
        picture = orchard(self.folder / "orchard", preset="citrus", size_m=40) / "ortho.tif"
        words = ["predict", picture, "model=bundled", "working-gsd=0.1", "tile-size=192", "--json", "--progress", "none"]
        whole = load(canopy(*words, "-o", self.folder / "whole.tif")[0])
        labels, tiles = self.folder / "labels.tif", self.folder / "labels.tif.tiles"
        process = subprocess.Popen([CANOPY, *map(str, words), "-o", str(labels)], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while len(list(tiles.glob("*.tile"))) < 5 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertFalse(labels.exists())
        kept = self.whole_tiles(tiles)
        self.assertGreaterEqual(len(kept), 4)
        again = subprocess.Popen([CANOPY, *map(str, words), "-o", str(labels)], stdout=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 120
        while len(list(tiles.glob("*.tile"))) <= len(kept) and time.monotonic() < deadline and again.poll() is None:
            time.sleep(0.005)
        now = self.whole_tiles(tiles)
        if again.poll() is None:
            self.assertEqual({name: now.get(name) for name in kept}, kept)  # taken, not made anew
        self.assertEqual(load(again.communicate()[0])["trees"], whole["trees"])
        self.assertEqual(labels.read_bytes(), (self.folder / "whole.tif").read_bytes())
        self.assertEqual([path for path in self.files() if ".tiles" in path or ".tmp." in path], [])


if __name__ == "__main__":
    unittest.main()
