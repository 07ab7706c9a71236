# SPDX-License-Identifier: Apache-2.0
"""What a user meets at the prompt: help, slips of the finger, exit codes."""
import unittest

from program import FolderTest, canopy, load, workspace


class CommandLine(FolderTest):
    def assertOneLine(self, text, *parts):
        self.assertEqual(len(text.strip().splitlines()), 1, text)
        self.assertTrue(text.startswith("error: "), text)
        for part in parts:
            self.assertIn(part, text)

    def test_help_names_every_verb(self):
        out, _ = canopy("--help")
        for verb in ("survey", "ingest", "dataset create", "train", "serve"):
            self.assertIn(verb, out)

    def test_nothing_typed_shows_the_help_and_is_a_usage_error(self):
        self.assertIn("usage", canopy(expect=2)[0])

    def test_a_mistyped_verb_gets_the_nearest_one(self):
        self.assertOneLine(canopy("srvey", "a.tif", expect=2)[1], "'srvey'", "did you mean 'survey'?")
        self.assertOneLine(canopy("dataset", expect=2)[1], "'dataset' needs one word more", "create", "verify")

    def test_a_noun_without_verb_lists_its_verbs(self):
        self.assertOneLine(canopy("dataset", "crate", expect=2)[1], "create", "list", "verify")

    def test_a_mistyped_key_gets_the_nearest_one(self):
        self.assertOneLine(canopy("synth", "sead=3", "-o", self.folder / "x", expect=2)[1], "'sead'", "did you mean 'seed'?")

    def test_a_mistyped_option_gets_the_nearest_one(self):
        self.assertOneLine(canopy("synth", "--sed", "3", "-o", self.folder / "x", expect=2)[1], "--sed", "did you mean '--seed'?")

    def test_a_value_of_the_wrong_kind_names_key_and_value(self):
        self.assertOneLine(canopy("synth", "seed=abc", "-o", self.folder / "x", expect=2)[1], "seed", "'abc'", "integer")
        self.assertFalse((self.folder / "x").exists())

    def test_a_file_of_options_is_read_and_what_stands_beside_it_counts_more(self):
        config = self.folder / "synth.toml"
        config.write_text('preset = "palms"\nseed = 7\nwidth-m = 20\nheight-m = 20\n')
        self.assertOneLine(canopy("synth", f"config={config}", "-o", self.folder / "x", expect=4)[1], "palms")
        canopy("synth", "preset=square", "--config", config, "-o", self.folder / "x")
        self.assertTrue((self.folder / "x" / "ortho.tif").exists())
        config.write_text("sead = 7\n")
        self.assertOneLine(canopy("synth", f"config={config}", "-o", self.folder / "y", expect=2)[1], "synth.toml:1", "did you mean 'seed'?")
        self.assertOneLine(canopy("synth", "config=none.toml", "-o", self.folder / "y", expect=2)[1], "none.toml")

    def test_an_unknown_preset_is_refused_with_the_choices(self):
        self.assertOneLine(canopy("synth", "preset=palms", "-o", self.folder / "x", expect=4)[1], "palms", "citrus")

    def test_a_missing_argument_says_which(self):
        self.assertOneLine(canopy("ingest", expect=2)[1], "missing")

    def test_a_query_may_be_a_file_and_a_file_that_is_not_there_is_told(self):
        space = workspace(self.folder / "w")
        path = self.folder / "count.sql"
        path.write_text("SELECT count(*) AS n FROM examples  -- all\n")
        self.assertEqual(load(canopy("catalog", "sql", path, "--json", "--workspace", space)[0]), [{"n": 0}])
        self.assertOneLine(canopy("catalog", "sql", "cuont.sql", "--workspace", space, expect=1)[1], "there is no file 'cuont.sql'")
        self.assertOneLine(canopy("dataset", "create", "w", "--sql", "walnuts.sql", "--workspace", space, expect=1)[1], "walnuts.sql")

    def test_a_saved_query_is_a_file_with_a_name_that_is_not_lost_by_a_slip(self):
        space = workspace(self.folder / "w")
        canopy("query", "save", "all", "SELECT tile_id FROM examples", "--workspace", space)
        self.assertEqual((space / "queries/all.sql").read_text(), "SELECT tile_id FROM examples\n")
        self.assertEqual([q["name"] for q in load(canopy("query", "list", "--json", "--workspace", space)[0])], ["all"])
        self.assertEqual(canopy("query", "show", "all", "--workspace", space)[0], "SELECT tile_id FROM examples\n")
        self.assertOneLine(canopy("query", "save", "all", "SELECT 1 AS tile_id", "--workspace", space, expect=1)[1], "--overwrite")
        self.assertOneLine(canopy("query", "show", "al", "--workspace", space, expect=1)[1], "did you mean 'all'?")
        self.assertIn("tileid", canopy("query", "save", "slip", "SELECT tileid FROM examples", "--workspace", space, expect=4)[1])
        self.assertFalse((space / "queries/slip.sql").exists())

    def test_an_export_says_where_to_and_an_import_which_files(self):
        space = workspace(self.folder / "w")
        self.assertOneLine(canopy("dataset", "export", "walnuts", "--workspace", space, expect=4)[1], "-o FOLDER", "--refs FILE")
        self.assertOneLine(canopy("catalog", "import", "--workspace", space, expect=2)[1], "FILES is missing")
        self.assertOneLine(canopy("catalog", "import", "none.tfrecord", "--workspace", space, expect=1)[1], "none.tfrecord: there is no such file")
        self.assertOneLine(canopy("catalog", "import", "none.tfrecord", "keys=png", "--workspace", space, expect=4)[1], "keys: 'png'")

    def test_outside_a_workspace_it_says_how_to_make_one(self):
        self.assertOneLine(canopy("dataset", "list", folder=self.folder, expect=1)[1], "canopy init")

    def test_a_workspace_is_not_made_twice(self):
        workspace(self.folder / "w")
        self.assertOneLine(canopy("init", self.folder / "w", expect=1)[1], "exists already")

    def test_json_usage_describes_a_verb_to_programs(self):
        usage = load(canopy("train", "--json-usage")[0])
        self.assertEqual(usage["name"], "train")
        self.assertIn("steps", [option["name"] for option in usage["options"]])

    def test_doctor_finds_nothing_missing_on_a_machine_that_was_set_up(self):
        out, _ = canopy("doctor")
        self.assertIn("LibTorch", out)
        self.assertIn("GDAL", out)

    def test_completion_is_valid_shell(self):
        import subprocess
        script = canopy("completion", "bash")[0]
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        self.assertIn("--seed", script)


if __name__ == "__main__":
    unittest.main()
