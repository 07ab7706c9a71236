# SPDX-License-Identifier: Apache-2.0
"""A survey's folder as the program leaves it: the mosaic linked, not copied."""
import shutil
import subprocess
import unittest

from program import FolderTest, canopy, orchard


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
