# SPDX-License-Identifier: Apache-2.0
"""What a training run learns about its tiles is in the catalog when it ends, and answers 'what did the last model do worst on'."""
import pathlib
import re
import unittest

from program import ROOT, FolderTest, canopy, load, orchard, workspace

SMALL = ("steps=6", "batch=2", "crop-px=128", "threads=1", "--progress", "none")


def query_of(title):
    """The SQL below a heading of docs/queries.md."""
    page = (pathlib.Path(ROOT) / "docs/queries.md").read_text()
    return re.search(r"## " + re.escape(title) + r"\n.*?```sql\n(.*?)```", page, re.DOTALL)[1]


class Scores(FolderTest):
    def setUp(self):
        super().setUp()
        made = orchard(self.folder / "orchard", size_m=60)
        self.space = workspace(self.folder / "w")
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=192", "overlap=16", "--workspace", self.space)
        self.dataset = load(canopy("dataset", "create", "oaks", "split-by=tile_key", "split=train=70,val=30", "--json", "--workspace", self.space)[0])
        self.tiles = {split: counts["tiles"] for split, counts in self.dataset["counts"]["splits"].items()}

    def sql(self, query):
        return load(canopy("catalog", "sql", query, "--json", "--workspace", self.space)[0])

    def train(self, *words):
        return canopy("train", "oaks", *SMALL, *words, "--workspace", self.space)

    def test_the_tiles_that_the_last_model_did_worst_on_are_one_query_away(self):
        self.train("run=first")
        self.train("run=second", "seed=2")
        worst = self.sql(query_of("What the last model did worst on"))
        self.assertEqual({row["run_id"] for row in worst}, {"second"})
        losses = [row["loss"] for row in worst if row["loss"] is not None]
        self.assertGreater(len(losses), 1)
        self.assertEqual(losses, sorted(losses, reverse=True))
        self.assertEqual(sum(row["times_seen"] for row in worst), 6 * 2, "every sample is counted once")
        (held_out,) = self.sql("SELECT count(*) AS n FROM scores WHERE run_id = 'second' AND times_seen = 0 AND mask_iou_mean BETWEEN 0 AND 1")
        self.assertEqual(held_out["n"], self.tiles["val"])
        canopy("dataset", "create", "hard", "--sql", query_of("Hard tiles come more often"), "--workspace", self.space)

    def test_a_run_that_saw_a_part_of_the_data_scores_that_part(self):
        self.train("run=short", "steps=1", "batch=1")
        (seen,) = self.sql("SELECT count(*) AS n FROM scores WHERE times_seen > 0")
        self.assertEqual(seen["n"], 1)
        (row,) = self.sql("SELECT step, loss, difficulty FROM examples WHERE times_seen > 0")
        self.assertEqual(row["step"], 1)
        self.assertAlmostEqual(row["difficulty"], 0.5, msg="it is all that the run knows")

    def test_a_catalog_that_takes_no_scores_costs_no_model(self):
        (self.space / "catalog/scores").write_text("in the way")
        _, said = self.train("run=first")
        self.assertIn("the catalog took no scores", said)
        self.assertTrue(list((self.space / "models").iterdir()))
        self.assertIn("tile_id,", (self.space / "runs/first/scores.csv").read_text())
        (self.space / "catalog/scores").unlink()
        self.train("run=first", "--resume")
        self.assertEqual(self.sql("SELECT DISTINCT run_id FROM scores"), [{"run_id": "first"}])


if __name__ == "__main__":
    unittest.main()
