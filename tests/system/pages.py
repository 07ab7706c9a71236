# SPDX-License-Identifier: Apache-2.0
"""The pages that describe the program say what the program says: docs/options.md, and the columns in docs/formats.md."""
import difflib
import re
import subprocess
import sys
import unittest

from program import CANOPY, ROOT, FolderTest, canopy, load, workspace


def section(page, title):
    """The text of a page between one heading of the second level and the next."""
    return re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)[1]


class Pages(FolderTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.formats = (ROOT / "docs/formats.md").read_text()

    def test_the_options_page_is_what_the_program_says(self):
        tool = [sys.executable, str(ROOT / "tools/write_options_doc"), CANOPY]
        expected = subprocess.run(tool, capture_output=True, text=True, check=True).stdout.splitlines()
        found = (ROOT / "docs/options.md").read_text().splitlines()
        if found != expected:
            changes = list(difflib.unified_diff(found, expected, "docs/options.md", "the program", lineterm="", n=0))
            self.fail("docs/options.md is not what the program says; remedy: tools/write_options_doc >docs/options.md\n" + "\n".join(changes[:20]))

    def test_every_verb_describes_itself_to_programs_whatever_else_is_missing(self):
        usage = load(canopy("--json-usage")[0])
        self.assertGreater(len(usage["commands"]), 20)
        for command in usage["commands"]:
            self.assertEqual(load(canopy(*command["name"].split(), "--json-usage")[0]), command)

    def test_the_formats_page_names_every_column_of_the_catalog_with_its_type(self):
        space = workspace(self.folder / "w")
        columns = load(canopy("catalog", "sql", "DESCRIBE tiles", "--json", "--workspace", space)[0])
        text = section(self.formats, "Catalog parts")
        said = {name: kind for names, kind in re.findall(r"^\| [\w, ]+ \| (.*) \| (\w+) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", names)}
        bands = ("blue", "green", "red", "red_edge", "nir", "swir", "thermal", "pan", "dsm")
        for pattern in ("<band>_mean", "<band>_std"):
            self.assertIn(f"`{pattern}`", text)
            said |= {pattern.replace("<band>", band): "DOUBLE" for band in bands}
        self.assertEqual(said, {column["column_name"]: column["column_type"] for column in columns})


if __name__ == "__main__":
    unittest.main()
