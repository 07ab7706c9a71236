# SPDX-License-Identifier: Apache-2.0
"""COCO evaluation of masks beside pycocotools, on one case: 200 images, 12,000 crowns, 14,380 results.

The rivals' make_coco_case.py draws the case, their bench_cocoeval.py times pycocotools and faster-coco-eval on it. Each round runs them, then
`canopy bench coco`; the fastest evaluation of each counts, files already read. The 12 figures must be equal to the last bit.
"""
import json
import pathlib
import tempfile

NAME = "coco_eval.vs_pycocotools"


def lines_of(bench, *words):
    """What a program prints, as one JSON document a line."""
    return [json.loads(line) for line in bench.run(words)[0].splitlines()]


def reports_of(bench, folder):
    """Every evaluator's reports, one a round."""
    bench.run([bench.python, bench.peers / "make_coco_case.py", folder])
    truth, results = folder / "gt.json", folder / "dt.json"
    reports = {}
    for _ in range(bench.rounds):
        peers = lines_of(bench, bench.python, bench.peers / "bench_cocoeval.py", truth, results, "--repeats", 1)
        ours = json.loads(bench.run([bench.canopy, "bench", "coco", truth, results, "repeat=7", "--json"])[0])
        for report in [*peers, dict(ours, evaluator="canopy")]:
            reports.setdefault(report["evaluator"], []).append(report)
    return reports


def differences(reports):
    """Figures of canopy that are not those of pycocotools."""
    ours, theirs = reports["canopy"][0]["figures"], reports["pycocotools"][0]["figures"]
    return [f"{name}: {ours.get(name)} is not pycocotools' {value}" for name, value in theirs.items() if ours.get(name) != value]


def measure(bench):
    if not bench.peers:
        return [bench.figure(NAME, None, "pycocotools", None)]
    with tempfile.TemporaryDirectory() as folder:
        reports = reports_of(bench, pathlib.Path(folder))
    wrong = differences(reports)
    if wrong:
        raise SystemExit("error: " + "; ".join(wrong))
    seconds = {name: min(run["evaluate_min_s"] for run in runs) for name, runs in reports.items()}
    others = ", ".join(f"{name} {s:.3f}" for name, s in seconds.items() if name != "pycocotools")
    return [bench.figure(NAME, round(seconds["pycocotools"] / seconds["canopy"], 1), f"pycocotools, seconds of an evaluation ({others})",
                         seconds["pycocotools"])]
