#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""COCO evaluation of masks: canopy against pycocotools, on one case, in one run, in turns.

usage: coco_eval.py --peers DIR [--peers-python PATH] [--canopy PATH] [--rounds N]

DIR holds the rivals' programs: make_coco_case.py draws the case (200 images, 12,000 crowns, 14,380 results), and
bench_cocoeval.py times pycocotools and faster-coco-eval on it. Each round runs them, then `canopy bench coco`; the
fastest evaluation of each counts, files already read. The 12 figures must be equal to the last bit: exit code 1
otherwise. Prints one figure as JSON: how many times as fast as pycocotools. `seconds` holds what it is made from; `total`
there is the fastest loading and the fastest evaluation together, `cpu` the processor time of all of canopy's threads
(pycocotools has one).
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def lines_of(*command):
    """What a program prints, as one JSON document a line."""
    run = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def canopy_of(program, truth, results):
    run = subprocess.run([program, "bench", "coco", truth, results, "repeat=7", "--json"], stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(run.stdout), evaluator="canopy")


def measure(args, folder):
    """Every evaluator's reports, one a round."""
    lines_of(args.peers_python, args.peers / "make_coco_case.py", folder)
    truth, results = folder / "gt.json", folder / "dt.json"
    reports = {}
    for _ in range(args.rounds):
        peers = lines_of(args.peers_python, args.peers / "bench_cocoeval.py", truth, results, "--repeats", 1)
        for report in [*peers, canopy_of(args.canopy, truth, results)]:
            reports.setdefault(report["evaluator"], []).append(report)
    return reports


def differences(reports):
    """Figures of canopy that are not those of pycocotools."""
    ours, theirs = reports["canopy"][0]["figures"], reports["pycocotools"][0]["figures"]
    return [f"{name}: {ours.get(name)} is not pycocotools' {value}" for name, value in theirs.items() if ours.get(name) != value]


def seconds_of(runs):
    best = {key: min(run[key] for run in runs) for key in ("load_s", "evaluate_min_s", "evaluate_cpu_s") if key in runs[0]}
    seconds = {"evaluate": best["evaluate_min_s"], "load": best["load_s"], "total": best["evaluate_min_s"] + best["load_s"]}
    return seconds | ({"cpu": best["evaluate_cpu_s"]} if "evaluate_cpu_s" in best else {})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=pathlib.Path, required=True, help="folder of the rivals' programs")
    parser.add_argument("--peers-python", default=ROOT / ".deps/peers/venv/bin/python", help="a Python that has the rivals")
    parser.add_argument("--canopy", default=ROOT / "build/release/bin/canopy", help="the program to measure")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        reports = measure(args, pathlib.Path(folder))
    wrong = differences(reports)
    if wrong:
        print("error: " + "; ".join(wrong), file=sys.stderr)
        return 1
    seconds = {name: seconds_of(runs) for name, runs in reports.items()}
    value = seconds["pycocotools"]["evaluate"] / seconds["canopy"]["evaluate"]
    print(json.dumps({"name": "coco_eval.vs_pycocotools", "value": value, "unit": "x", "against": "pycocotools",
                      "against_value": 1.0, "ratio": value,
                      "command": "benchmark/runtime/coco_eval.py --peers DIR", "seconds": seconds}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
