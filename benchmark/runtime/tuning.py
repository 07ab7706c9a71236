# SPDX-License-Identifier: Apache-2.0
"""`tune loader` against the whole grid, run in the same minutes: the share of the best setting's rate that its choice reaches, and what it took."""
import json

from grove import DATASET, workspace


def measure(bench):
    with workspace(bench) as root:
        words = [bench.canopy, "tune", "loader", DATASET, "--exhaustive", "seconds=1.5", "--json", "--workspace", root]
        found = json.loads(bench.run(words)[0])
    best, grid = found["best"], found["best_of_grid"]
    chosen = ", ".join(f"{name} {best[name]}" for name in ("fetch-threads", "loader-threads", "prefetch", "threads"))
    common = {"unit": "share", "command": "benchmark/runtime/bench.py --only tuning"}
    return [dict(common, name="tune_loader.share_of_optimum", value=round(found["share_of_optimum"], 3),
                 against=f"the best of {len(found['grid'])} settings, each run, samples/s (chosen: {chosen})",
                 against_value=round(grid["per_s"]["median"], 2), ratio=round(found["share_of_optimum"], 3)),
            dict(common, name="tune_loader.seconds", value=round(found["seconds"], 1), unit="s", against="two minutes", against_value=120,
                 ratio=round(found["seconds"] / 120, 3))]
