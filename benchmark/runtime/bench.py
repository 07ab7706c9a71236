#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speed of Canopy beside its rivals, in one run on one machine; leaves reports/bench.json.

    benchmark/runtime/bench.py --peers DIR --peers-python DIR/venv/bin/python [--only step] [--quick]

--peers names the folder of the rival programs (bench_maskrcnn.py and others), which need torch and torchvision. Program and rival run in turns,
each in a process of its own, and their fastest calls are compared: what else runs on the machine then strikes both. Without --peers, Canopy's
own figures are measured and the ratios stay empty, with the reason.

A part is a Python file beside this one with a function measure(Bench) -> list of figures.
"""
import argparse
import importlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from report import write_report  # noqa: E402
PARTS = ("step", "coco_eval", "s3_reads", "decode", "ingest", "gigapixel", "loader", "tuning", "ladder", "training", "predict")


class Bench:
    """What every part is given: the programs, how often, and a way to run them."""

    def __init__(self, args):
        self.canopy, self.peers, self.python = args.canopy, args.peers, args.peers_python
        self.rounds, self.steps = (1, 2) if args.quick else (args.rounds, args.steps)
        self.command = "make bench PEERS=" + (str(args.peers) if args.peers else "...")

    def run(self, words):
        """-> (stdout, peak resident bytes of that process)."""
        print("+", " ".join(str(w) for w in words), file=sys.stderr, flush=True)
        process = subprocess.Popen([str(w) for w in words], stdout=subprocess.PIPE, text=True)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"error: {words[0]} ended with {process.returncode}; run it alone to see why: {' '.join(str(w) for w in words)}")
        return out, usage.ru_maxrss * 1024

    def figure(self, name, ratio, against, against_value, reason="pass --peers DIR, the folder of the rival programs"):
        figure = {"name": name, "value": ratio, "unit": "x", "against": against, "against_value": against_value, "ratio": ratio, "command": self.command}
        if ratio is None:
            figure["reason"] = reason
        return figure


def print_table(figures):
    print(f"\n{'figure':44} {'ratio':>8}   against")
    for figure in figures:
        value = "-" if figure["value"] is None else f"{figure['value']:.2f}"
        print(f"{figure['name']:44} {value:>8}   {figure.get('against', figure.get('note', ''))}" + (f"   ({figure['reason']})" if "reason" in figure else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--canopy", type=pathlib.Path, default=ROOT / "build/release/bin/canopy")
    parser.add_argument("--peers", type=pathlib.Path)
    parser.add_argument("--peers-python", type=pathlib.Path, default=ROOT / ".deps/peers/venv/bin/python")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--rounds", type=int, default=2, help="turns of program and rival")
    parser.add_argument("--steps", type=int, default=4, help="calls that count in each turn")
    parser.add_argument("--quick", action="store_true", help="one turn of two calls: to see that it runs")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "reports/bench.json")
    args = parser.parse_args()
    if args.peers and not args.peers_python.exists():
        sys.exit(f"error: {args.peers_python} is not there; {args.peers}/setup.sh {args.peers_python.parent.parent} makes it")
    bench, figures = Bench(args), []
    for part in args.only:
        if (HERE / f"{part}.py").exists():
            figures += importlib.import_module(part).measure(bench)
    print_table(figures)
    write_report(args.out, figures)
    print(f"\nreport     {args.out}")


if __name__ == "__main__":
    main()
