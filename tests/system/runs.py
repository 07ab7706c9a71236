# SPDX-License-Identifier: Apache-2.0
"""What the registry says of runs is what happened: nothing for a refused one, the price that was given, what a killed start took, and the way from a
tile to every model that saw it and back."""
import unittest

from program import FolderTest, canopy, load, orchard, workspace

SMALL = ("batch=2", "crop-px=128", "threads=1", "--progress", "none")


class Runs(FolderTest):
    def setUp(self):
        super().setUp()
        made = orchard(self.folder / "orchard", size_m=60)
        self.space = workspace(self.folder / "w")
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=192", "overlap=16", "--workspace", self.space)
        canopy("dataset", "create", "oaks", "split-by=tile_key", "--workspace", self.space)

    def train(self, *words, expect=0):
        return canopy("train", "oaks", *SMALL, *words, "--workspace", self.space, expect=expect)

    def here(self, *words, expect=0):
        out, err = canopy(*words, "--json", "--workspace", self.space, expect=expect)
        return load(out) if expect == 0 else err

    def test_what_is_refused_leaves_no_run_behind(self):
        for wrong in ("crop-px=100", "precision=fp99", "model=lit", "run=../x", "run=a/b"):
            self.train("steps=1", wrong, expect=None)
        self.assertEqual(self.here("run", "list"), [])
        self.assertEqual(list((self.space / "runs").glob("*")) if (self.space / "runs").exists() else [], [])

    def test_a_run_costs_what_its_machine_was_said_to_cost(self):
        self.train("steps=2", "run=dear", "usd-per-hour=3600")
        run = self.here("run", "show", "dear")
        self.assertEqual(run["examples_seen"], 4)
        self.assertAlmostEqual(run["usd"], run["wall_s"], delta=0.02 * run["wall_s"])
        self.assertGreater(self.here("run", "cost", "dear")["run"]["usd"], 0)

    def test_a_resumed_run_says_what_it_would_not_heed(self):
        self.train("steps=2", "run=one")
        out, err = self.train("steps=2", "run=one", "lr=0.1", "--resume", expect=4)
        self.assertIn("lr=0.1 has no effect", err)
        canopy("dataset", "create", "others", "where=tree_count > 3", "split=train=100", "--workspace", self.space)
        _, err = canopy("train", "others", *SMALL, "run=one", "--resume", "--workspace", self.space, expect=1)
        self.assertIn("is of dataset", err)

    def test_a_tile_knows_its_orthomosaic_and_every_model_that_saw_it(self):
        self.train("steps=1", "run=first")
        self.train("steps=1", "run=second", "seed=2")
        tile = self.here("catalog", "sql", "SELECT tile_id FROM tiles ORDER BY 1 LIMIT 1")[0]["tile_id"]
        found = self.here("run", "lineage", tile[:12])
        kinds = [node["kind"] for node in found["nodes"]]
        self.assertEqual({kind: kinds.count(kind) for kind in kinds}, {"orthomosaic": 1, "tile": 1, "dataset": 1, "run": 2, "model": 2})
        model = next(node["id"] for node in found["nodes"] if node["kind"] == "model")
        back = self.here("run", "lineage", model)
        self.assertIn("ortho.tif", next(node["title"] for node in back["nodes"] if node["kind"] == "orthomosaic"))
        self.assertIn("no dataset holds such a tile", self.here("run", "lineage", "0" * 64, expect=1))


if __name__ == "__main__":
    unittest.main()
