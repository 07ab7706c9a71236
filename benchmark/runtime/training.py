# SPDX-License-Identifier: Apache-2.0
"""What a trace costs a training (`canopy bench trace`); how much of its time a training waits for data: three runs of 48 steps over 49 tiles, so that
the end of an epoch comes four times in each; and whether its memory grows: resident bytes over 600 small steps with checkpoints and evaluations.
"""
import json
import pathlib
import statistics
import subprocess
import time

from grove import DATASET, workspace

COMMAND = "benchmark/runtime/bench.py --only training"


def memory_growth(bench, root):
    """Resident memory at the end over that at a quarter of the way, by the median of the samples about either."""
    words = [bench.canopy, "train", DATASET, "steps=600", "batch=2", "crop-px=128", "checkpoint-every=50", "eval-every=150", "eval-tiles=1", "--json",
             "--workspace", root]
    print("+", " ".join(map(str, words)), flush=True)
    process, samples = subprocess.Popen(list(map(str, words)), stdout=subprocess.DEVNULL), []
    while process.poll() is None:
        samples.append(int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4096)
        time.sleep(0.1)
    if process.returncode != 0:
        raise RuntimeError(f"training ended with {process.returncode}")
    n = len(samples)
    early, late = (statistics.median(samples[int(n * low):int(n * high)]) for low, high in ((0.2, 0.3), (0.85, 0.95)))
    return late / early, early


def measure(bench):
    with workspace(bench) as root:
        trace = json.loads(bench.run([bench.canopy, "bench", "trace", DATASET, "bench-steps=10", "--json", "--workspace", root])[0])
        shares = []
        for _ in range(3):
            out = bench.run([bench.canopy, "train", DATASET, "steps=48", "eval-tiles=1", "--json", "--workspace", root])[0]
            shares.append(json.loads(out)["waiting_share"])
        growth, early = memory_growth(bench, root)
    return [{"name": "trace.overhead_on", "value": round(trace["overhead"], 4), "unit": "share", "against": "a step without a trace, seconds",
             "against_value": round(trace["off_s"], 4), "ratio": round(trace["on_s"] / trace["off_s"], 4), "command": COMMAND},
            {"name": "train.waiting_share", "value": round(statistics.median(shares), 5), "unit": "share", "low": min(shares), "high": max(shares),
             "against": "the time of 48 steps with four ends of an epoch; median of three runs", "command": COMMAND},
            {"name": "train.memory_growth", "value": round(growth, 3), "unit": "x", "against": "bytes after 150 of 600 steps; value = after 550 over it",
             "against_value": early, "ratio": round(growth, 3), "command": COMMAND}]
