#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One query over a large catalog to an immutable dataset: `canopy dataset create` beside pyarrow and pandas doing the same; into reports/bench.json.

    .deps/interop/bin/python benchmark/catalog/bench.py [--rows 3100000] [--growth] [--postgres] [--rounds 3] [--folder build/catalog-bench]

Program and rival run in turns, each in a process of its own, and the fastest of each counts: what else runs on the machine then strikes both. With
--growth a catalog of ten times the rows is made too (9 GB, some minutes), and the figure is the ratio of the times over 10: 1 is linear. With
--postgres the rows are loaded into a PostgreSQL too (some minutes, 5 GB), and the rivals are the database's own COPY of the same rows and columns,
sorted and split alike, and `canopy dataset create` over that database. What is not measured keeps the figure that the report has.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from make_catalog import make  # noqa: E402
from on_postgres import Postgres  # noqa: E402
from report import write_report  # noqa: E402

# What is asked: as SQL, and as pandas_snapshot.py takes it.
QUERIES = {"": ("crop = 'walnut' and gsd_m <= 0.1", ["crop=walnut", "gsd_m=0.1"]), "all.": ("tree_count > 0", ["tree_count=0"])}
COMMAND = ".deps/interop/bin/python benchmark/catalog/bench.py"


def run(words):
    """-> (stdout, seconds, CPU seconds, peak bytes) of one process."""
    started = time.monotonic()
    process = subprocess.Popen([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"error: it ended with {process.returncode}: {' '.join(str(w) for w in words)}")
    return out, time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def snapshot(canopy, space, where):
    """One dataset, made anew -> (tiles by split, seconds, CPU seconds, peak bytes)."""
    shutil.rmtree(space / "datasets", ignore_errors=True)
    (space / "registry.sqlite").unlink(missing_ok=True)
    out, *cost = run([canopy, "dataset", "create", "bench", "--where", where, "split-by=orchard", "--json", "--workspace", space])
    return {name: split["tiles"] for name, split in json.loads(out)["counts"]["splits"].items()}, *cost


def catalog(folder, rows, canopy):
    if not (folder / "made").exists():
        print(f"making a catalog of {rows:,} rows in {folder} ...", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        make(folder, rows, 5_000, canopy)
        (folder / "made").touch()
    return folder


def load():
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def name_of(args):
    return f"snapshot.{args.rows / 1e6:.1f}m".replace(".0m", "m").replace(".1m", "_1m")


def measure(args):
    space = catalog(args.folder / str(args.rows), args.rows, args.canopy)
    name, figures, seconds = name_of(args), [], {}
    for what, (where, conditions) in QUERIES.items():
        ours, theirs = [], []
        for _ in range(args.rounds):
            ours.append(snapshot(args.canopy, space, where))
            out, *cost = run([args.python, HERE / "pandas_snapshot.py", space / "catalog", args.folder / "rival.parquet", *conditions])
            theirs.append((json.loads(out), *cost))
            if ours[-1][0] != theirs[-1][0]:
                sys.exit(f"error: the two disagree: {ours[-1][0]} and {theirs[-1][0]}")
        best, rival = min(ours, key=lambda run: run[1]), min(theirs, key=lambda run: run[1])
        seconds[what] = best[1]
        tiles = sum(best[0].values())
        note = f"{tiles:,} of {args.rows:,} rows, {best[2]:.1f} s of CPU, {best[3] / 2**30:.1f} GiB; {load()}"
        figures += [{"name": f"{name}.{what}seconds", "value": best[1], "unit": "s", "note": note, "command": COMMAND},
                    {"name": f"{name}.{what}vs_pyarrow", "value": rival[1] / best[1], "unit": "x", "against": f"pyarrow and pandas, {rival[2]:.1f} s of CPU, {rival[3] / 2**30:.1f} GiB",
                     "against_value": rival[1], "ratio": rival[1] / best[1], "command": COMMAND}]
    large = {"name": "snapshot.31m.growth", "value": None, "unit": "x", "reason": "pass --growth: it makes a catalog of 9 GB", "command": COMMAND + " --growth"}
    if args.growth:
        big = catalog(args.folder / str(10 * args.rows), 10 * args.rows, args.canopy)
        best = min((snapshot(args.canopy, big, QUERIES[""][0]) for _ in range(args.rounds)), key=lambda run: run[1])
        del large["reason"]
        large |= {"value": best[1] / seconds[""] / 10, "against": f"{args.rows:,} rows, time over 10", "against_value": seconds[""],
                  "command": COMMAND + " --growth", "note": f"{10 * args.rows:,} rows in {best[1]:.1f} s, {best[2]:.1f} s of CPU, {best[3] / 2**30:.1f} GiB; {load()}"}
    return figures + [large]


def measure_postgres(args):
    """The embedded catalog and the database in turns: one query, the same rows and columns, split and sorted."""
    space, where, command = catalog(args.folder / str(args.rows), args.rows, args.canopy), QUERIES[""][0], COMMAND + " --postgres"
    with tempfile.TemporaryDirectory(prefix="canopy_bench_") as folder:
        started = time.monotonic()
        postgres = Postgres(space / "catalog", pathlib.Path(folder) / "space", args.canopy)
        try:
            print(f"loaded {args.rows:,} rows into PostgreSQL in {time.monotonic() - started:.0f} s", file=sys.stderr)
            ours, over, copied = [], [], []
            for _ in range(args.rounds):
                ours.append(snapshot(args.canopy, space, where))
                over.append(snapshot(args.canopy, postgres.space, where))
                copied.append(run(postgres.copy_words(where)))
                if not ours[-1][0] == over[-1][0] == postgres.splits():
                    sys.exit(f"error: they disagree: {ours[-1][0]}, {over[-1][0]}, {postgres.splits()}")
        finally:
            postgres.close()
    ours, over, copied = (min(runs, key=lambda run: run[1])[1] for runs in (ours, over, copied))
    against = "PostgreSQL 15, COPY (SELECT ...) of the same rows and columns, sorted and split alike, to text; no Parquet, no hashes"
    return [{"name": f"{name_of(args)}.vs_postgres", "value": copied / ours, "unit": "x", "against": against, "against_value": copied, "ratio": copied / ours,
             "command": command, "note": f"embedded {ours:.2f} s; canopy dataset create over that PostgreSQL {over:.2f} s; {load()}"}]


def keep_known(figures, path):
    """In place of a figure that was not measured, the one that the report has."""
    known = {f["name"]: f for f in json.loads(path.read_text())["figures"] if f["value"] is not None} if path.exists() else {}
    return [figure if figure["value"] is not None else known.get(figure["name"], figure) for figure in figures]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--canopy", type=pathlib.Path, default=ROOT / "build/release/bin/canopy")
    parser.add_argument("--python", type=pathlib.Path, default=ROOT / ".deps/interop/bin/python", help="one that has pyarrow and pandas")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/catalog-bench")
    parser.add_argument("--rows", type=int, default=3_100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--only-postgres", action="store_true", help="and nothing else")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "reports/bench.json")
    args = parser.parse_args()
    figures = [] if args.only_postgres else measure(args)
    if args.postgres or args.only_postgres:
        figures += measure_postgres(args)
    figures = keep_known(figures, args.out)
    for figure in figures:
        value = "-" if figure["value"] is None else f"{figure['value']:.2f} {figure['unit']}"
        print(f"{figure['name']:36} {value:>10}   {figure.get('note', figure.get('against', figure.get('reason', '')))}")
    write_report(args.out, figures)


if __name__ == "__main__":
    main()
