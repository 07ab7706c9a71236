# SPDX-License-Identifier: Apache-2.0
"""The demo with a minute of training: it leaves its figures in its own folder, and in reports/ where there is one."""
import sys
import unittest

from program import FULL, ROOT, FolderTest, canopy, load


class Demo(FolderTest):
    def run_demo(self):
        out, _ = canopy("demo", "minutes=1", "--no-serve", "--progress", "none", folder=self.folder, timeout=900)
        return [line.split()[1] for line in out.splitlines() if line.startswith("report ")]

    def test_away_from_the_repository_the_demo_writes_into_its_own_folder_only(self):
        report = self.folder / "demo/reports/demo.json"
        self.assertEqual(self.run_demo(), [str(report)])
        self.assertEqual([path.name for path in self.folder.iterdir()], ["demo"])
        self.assertIn("orchard.tree_recall", [figure["name"] for figure in load(report.read_text())["figures"]])

    @unittest.skipUnless(FULL, "the long form only")
    def test_beside_a_folder_of_reports_the_figures_stand_there_too(self):
        kept = self.folder / "reports/demo.json"
        kept.parent.mkdir()
        report = self.folder / "demo/reports/demo.json"
        self.assertEqual(self.run_demo(), [str(report), str(kept)])
        self.assertEqual(load(report.read_text())["figures"], load(kept.read_text())["figures"])


if __name__ == "__main__":
    if not (ROOT / ".deps/neon").exists():
        sys.exit(77)
    unittest.main()
