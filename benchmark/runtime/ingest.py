# SPDX-License-Identifier: Apache-2.0
"""How fast a mosaic of five 16-bit bands becomes tiles with the outlines of their trees (mosaic.py), from the start of the program to its end: on one
thread and on two, in turns. With --quick the picture is small.
"""
import os
import pathlib
import shutil
import tempfile
import time

from mosaic import make



def measure(bench):
    edge = 2048 if bench.rounds == 1 else 8192
    with tempfile.TemporaryDirectory(prefix="canopy_bench_") as folder:
        folder = pathlib.Path(folder)
        inputs = make(folder / "farm", edge, edge, noise_bits=8)
        seconds = {1: [], 2: []}
        for _ in range(bench.rounds):
            for threads in seconds:
                seconds[threads].append(run(bench, folder / "space", inputs, threads)[0])
        one, two = min(seconds[1]), min(seconds[2])
        tiles = f"{edge} x {edge} px, all of the program's run"
        return [figure("ingest.mpx_per_second", edge * edge / 1e6 / two, "Mpx/s", f"{tiles}, 2 threads; load {os.getloadavg()[0]:.1f}"),
                figure("ingest.two_core_speedup", one / two, "x", tiles, "one thread, Mpx/s", edge * edge / 1e6 / one)]


def run(bench, space, inputs, threads):
    """One ingest into a new workspace -> (seconds, peak resident bytes)."""
    shutil.rmtree(space, ignore_errors=True)
    bench.run([bench.canopy, "init", space])
    started = time.monotonic()
    _, peak = bench.run([bench.canopy, "ingest", *inputs, f"threads={threads}", "--progress", "none", "--workspace", space])
    return time.monotonic() - started, peak


def figure(name, value, unit, note, against=None, against_value=None):
    figure = {"name": name, "value": round(value, 2), "unit": unit, "note": note, "command": "benchmark/runtime/bench.py --only ingest"}
    if against:
        figure |= {"against": against, "against_value": round(against_value, 2), "ratio": figure["value"]}
    return figure
