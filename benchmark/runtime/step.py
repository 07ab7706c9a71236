# SPDX-License-Identifier: Apache-2.0
"""A train step and an inference of Mask R-CNN, beside torchvision's: same architecture, shapes, threads, crowns; 256 px, batch 2."""
import json

NAMES = {"r50": "resnet50", "r18": "resnet18", "lite": "lite"}
TASKS = {"train": "train", "detect": "infer"}
FIGURE = {"train": "train_step", "detect": "inference"}


class Times:
    """The fastest call of each (who, model, task), and the largest peak memory."""

    def __init__(self):
        self.seconds, self.bytes = {}, {}

    def add(self, who, model, task, seconds, peak):
        key = (who, model, task)
        self.seconds[key] = min(seconds, self.seconds.get(key, seconds))
        self.bytes[key] = max(peak, self.bytes.get(key, peak))


def run_canopy(bench, times, model, task):
    out, peak = bench.run([bench.canopy, "bench", "step", f"model={model}", f"tasks={task}", "size-px=256", "batch=2", f"repeat={bench.steps}", "--json"])
    times.add("canopy", model, task, json.loads(out)[0]["min_s"], peak)


def run_peer(bench, times, model, task):
    out, peak = bench.run([bench.python, bench.peers / "bench_maskrcnn.py", "--backbone", NAMES[model], "--size", "256", "--batch", "2",
                           "--tasks", TASKS[task], "--steps", str(bench.steps)])
    times.add("peer", model, task, json.loads(out.splitlines()[-1])["min_s"], peak)


def measure(bench):
    times = Times()
    for _ in range(bench.rounds):
        for model in NAMES:
            for task in TASKS:
                run_canopy(bench, times, model, task)
                if bench.peers:
                    run_peer(bench, times, model, task)

    def ratio(model, rival, task):
        ours, theirs = times.seconds[("canopy", model, task)], times.seconds.get(("peer", rival, task))
        return theirs and round(theirs / ours, 3), theirs

    figures = []
    for task, name in FIGURE.items():
        for model, rival, suffix in (("r50", "r50", "vs_torchvision"), ("r18", "r18", "vs_torchvision"), ("lite", "r50", "vs_torchvision_r50"),
                                     ("lite", "lite", "vs_torchvision_lite")):
            value, theirs = ratio(model, rival, task)
            ours = times.seconds[("canopy", model, task)]
            told = f"torchvision {NAMES[rival]}, seconds of a call of 2 pictures (Canopy: {ours:.3f})"
            figures.append(bench.figure(f"{name}.{model}.{suffix}", value, told, theirs))
    ours, theirs = times.bytes[("canopy", "r50", "train")], times.bytes.get(("peer", "r50", "train"))
    figures.append(bench.figure("train_step.r50.peak_rss_ratio", theirs and round(ours / theirs, 3), f"torchvision resnet50, bytes (Canopy: {ours}; below 1 is less)", theirs))
    return figures
