# SPDX-License-Identifier: Apache-2.0
"""What `tune loader` finds becomes the default of `train` on this machine, and the benches of tuning run."""
import tomllib
import unittest

from program import FolderTest, canopy, load, orchard, workspace

SMALL = ("batch=1", "crop-px=128", "weights=random")
ONE_RUN = ("seconds=0.05", "candidates=1", "rounds=1")


class Tuning(FolderTest):
    def setUp(self):
        super().setUp()
        made = orchard(self.folder / "orchard", size_m=60)
        self.space = workspace(self.folder / "w")
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "--workspace", self.space)
        canopy("dataset", "create", "oaks", "--workspace", self.space)

    def canopy(self, *words):
        return canopy(*words, "--workspace", self.space, "--progress", "none")[0]

    def options_of(self, run):
        return tomllib.loads((self.space / "runs" / run / "config.toml").read_text())

    def test_what_is_found_is_the_default_of_train_and_all_that_is_given_counts_more(self):
        found = load(self.canopy("tune", "loader", "oaks", *SMALL, *ONE_RUN, "--json"))["best"]
        files = list((self.space / "tuned").glob("*.toml"))
        self.assertEqual(len(files), 1)
        written = tomllib.loads(files[0].read_text())
        self.assertEqual(written, {name: found[name] for name in ("fetch-threads", "loader-threads", "prefetch", "threads")})
        files[0].write_text("fetch-threads = 3\nloader-threads = 2\nprefetch = 5\nthreads = 1\n")
        out = self.canopy("train", "oaks", *SMALL, "steps=1", "run=plain")
        self.assertIn("tuned      fetch-threads 3   loader-threads 2   prefetch 5   threads 1", out)
        plain = self.options_of("plain")
        self.assertEqual((plain["fetch-threads"], plain["prefetch"]), (3, 5))
        config = self.folder / "own.toml"
        config.write_text("prefetch = 6\nfetch-threads = 1\n")
        self.canopy("train", "oaks", *SMALL, "steps=1", "run=given", "--config", config, "fetch-threads=4")
        given = self.options_of("given")
        self.assertEqual((given["fetch-threads"], given["prefetch"], given["loader-threads"]), (4, 6, 2))

    def test_a_simulated_consumer_leaves_no_default(self):
        found = load(self.canopy("tune", "loader", "oaks", *SMALL, *ONE_RUN, "consumer-per-s=50", "most-fetch-threads=1", "most-prefetch=1",
                                 "--exhaustive", "--json"))
        self.assertGreater(found["share_of_optimum"], 0)
        self.assertFalse((self.space / "tuned").exists())

    def test_the_benches_of_loader_ladder_and_trace_tell_their_figures(self):
        loader = load(self.canopy("bench", "loader", "oaks", "samples=4", "passes=1", "--json"))
        self.assertEqual(loader["size_px"], 256)
        self.assertGreater(loader["samples_per_core_s"]["median"], 0)
        folder = load(canopy("bench", "loader", self.space / "examples", "samples=4", "passes=1", "--json")[0])
        self.assertEqual(folder["size_px"], 256)
        ladder = load(self.canopy("bench", "ladder", "oaks", "ladders=loader", "seconds=0.05", "repeats=1", "usd-per-hour=3.06", "--json"))
        self.assertEqual([rung["rung"] for rung in ladder["loader"]["rungs"]], ["naive", "own decoding", "id maps", "ahead", "all cores"])
        self.assertGreater(ladder["loader"]["rungs"][0]["usd_per_million_samples"], 0)
        trace = load(self.canopy("bench", "trace", "oaks", *SMALL, "bench-steps=1", "repeats=1", "--json"))
        self.assertGreater(trace["spans_a_step"], 0)

    def test_mistakes_are_named(self):
        self.assertIn("neither training nor loader", canopy("bench", "ladder", "oaks", "ladders=nets", "--workspace", self.space, expect=4)[1])
        self.assertIn("consumer-per-s must not be negative", canopy("tune", "loader", "oaks", "consumer-per-s=-1", "--workspace", self.space, expect=4)[1])


if __name__ == "__main__":
    unittest.main()
