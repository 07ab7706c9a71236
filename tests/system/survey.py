# SPDX-License-Identifier: Apache-2.0
"""A survey's folder as the program leaves it: the mosaic linked, not copied; and what it says of how it was made."""
import hashlib
import os
import shutil
import subprocess
import unittest

from program import FolderTest, canopy, load, orchard


class Survey(FolderTest):
    def setUp(self):
        super().setUp()
        self.orchard = orchard(self.folder / "orchard", size_m=60)

    def insight(self, *words):
        """A survey from the true label map, in a folder that is not there yet."""
        folder = self.folder / "made/by/insight"
        canopy("insight", self.orchard / "ortho.tif", self.orchard / "truth_ids.tif", *words, "-o", folder)
        return folder

    def test_a_cog_is_linked_into_a_folder_that_was_not_there(self):
        made = self.insight()
        self.assertEqual((made / "ortho.tif").stat().st_ino, (self.orchard / "ortho.tif").stat().st_ino)

    def test_the_record_says_from_what_how_and_when_it_was_made(self):
        os.environ["SOURCE_DATE_EPOCH"] = "1772323199"
        self.addCleanup(os.environ.pop, "SOURCE_DATE_EPOCH")
        dsm = self.orchard / "dsm.tif"
        made = load((self.insight("--dsm", dsm, "captured-on=2026-02-11") / "survey.json").read_text())
        self.assertEqual(made["made_at"], "2026-02-28T23:59:59Z")
        self.assertEqual(made["options"], {"bands": [], "band": [], "gsd": 0, "dsm": str(dsm), "dtm": "", "boundary": "", "survey": "", "captured-on": "2026-02-11"})
        sha256 = lambda name: hashlib.sha256((self.orchard / name).read_bytes()).hexdigest()
        for role, name in (("ortho", "ortho.tif"), ("labels", "truth_ids.tif"), ("dsm", "dsm.tif")):
            self.assertEqual(made["inputs"][role], {"path": str(self.orchard / name), "sha256": sha256(name)})

    def test_a_survey_beside_its_own_mosaic_leaves_the_mosaic_alone(self):
        before = (self.orchard / "ortho.tif").read_bytes()
        canopy("insight", self.orchard / "ortho.tif", self.orchard / "truth_ids.tif", "-o", self.orchard)
        self.assertEqual((self.orchard / "ortho.tif").read_bytes(), before)

    def test_a_mosaic_that_is_no_cog_becomes_one(self):
        plain = self.orchard / "plain.tif"
        subprocess.run(["gdal_translate", "-q", "-co", "TILED=NO", self.orchard / "ortho.tif", plain], check=True)
        shutil.move(plain, self.orchard / "ortho.tif")
        made = self.insight()
        self.assertNotEqual((made / "ortho.tif").stat().st_ino, (self.orchard / "ortho.tif").stat().st_ino)
        info = subprocess.run(["gdalinfo", made / "ortho.tif"], capture_output=True, text=True, check=True).stdout
        self.assertIn("LAYOUT=COG", info)


if __name__ == "__main__":
    unittest.main()
