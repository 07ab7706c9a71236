#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether `canopy bench coco` gives pycocotools' 12 figures, to the last bit, on hard cases drawn at random.

usage: coco_agreement.py [--cases N] [--first SEED] [--peers-python PATH] [--canopy PATH]

A case is what src/eval/testdata/make_coco_files.py draws from one seed: results with masks, boxes and both, each
compared as masks and as boxes. Prints every difference and ends with code 1 when there is any.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRAW = ROOT / "src/eval/testdata/make_coco_files.py"


def differences(args, seed, folder):
    """(comparisons, lines about those that differ) of one case."""
    subprocess.run([args.peers_python, DRAW, folder, "--seed", str(seed), "--images", str(5 + seed % 12)],
                   stdout=subprocess.DEVNULL, check=True)
    expected, lines = json.loads((folder / "figures.json").read_text()), []
    for one in expected:
        run = subprocess.run([args.canopy, "bench", "coco", folder / "truth.json", folder / one["results"],
                              "kind=" + one["kind"], "repeat=1", "--json"], capture_output=True, text=True)
        figures = list(json.loads(run.stdout)["figures"].values()) if run.returncode == 0 else run.stderr
        if figures != one["figures"]:
            lines.append(f"seed {seed}, {one['results']}, {one['kind']}: {figures} is not {one['figures']}")
    return len(expected), lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--peers-python", default=ROOT / ".deps/peers/venv/bin/python", help="a Python that has pycocotools")
    parser.add_argument("--canopy", default=ROOT / "build/release/bin/canopy")
    args = parser.parse_args()
    compared, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(args.first, args.first + args.cases):
            count, lines = differences(args, seed, pathlib.Path(folder))
            compared += count
            wrong += lines
    print("\n".join(wrong + [f"{compared} comparisons, {len(wrong)} differ"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
