# SPDX-License-Identifier: Apache-2.0
"""What a trace costs a training (`canopy bench trace`), and how much of its time a training waits for data: three runs of 48 steps over 49 tiles, so
that the end of an epoch comes four times in each.
"""
import json
import statistics

from grove import DATASET, workspace

COMMAND = "benchmark/runtime/bench.py --only training"


def measure(bench):
    with workspace(bench) as root:
        trace = json.loads(bench.run([bench.canopy, "bench", "trace", DATASET, "bench-steps=10", "--json", "--workspace", root])[0])
        shares = []
        for _ in range(3):
            out = bench.run([bench.canopy, "train", DATASET, "steps=48", "eval-tiles=1", "--json", "--workspace", root])[0]
            shares.append(json.loads(out)["waiting_share"])
    return [{"name": "trace.overhead_on", "value": round(trace["overhead"], 4), "unit": "share", "against": "a step without a trace, seconds",
             "against_value": round(trace["off_s"], 4), "ratio": round(trace["on_s"] / trace["off_s"], 4), "command": COMMAND},
            {"name": "train.waiting_share", "value": round(statistics.median(shares), 5), "unit": "share", "low": min(shares), "high": max(shares),
             "against": "the time of 48 steps with four ends of an epoch; median of three runs", "command": COMMAND}]
