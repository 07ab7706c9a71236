# SPDX-License-Identifier: Apache-2.0
"""How much memory the ingest of a gigapixel of five 16-bit bands takes (mosaic.py), with the outlines of its trees. Left out by --quick."""
import os
import pathlib
import tempfile

import ingest
from mosaic import make

NAME, UNIT, COMMAND, WIDTH, HEIGHT = "ingest.gpx.peak_rss_gib", "GiB", "benchmark/runtime/bench.py --only gigapixel", 32768, 30720


def measure(bench):
    if bench.rounds == 1:
        return [{"name": NAME, "value": None, "unit": UNIT, "reason": "left out by --quick", "command": COMMAND}]
    with tempfile.TemporaryDirectory(prefix="canopy_bench_") as folder:
        folder = pathlib.Path(folder)
        seconds, peak = ingest.run(bench, folder / "space", make(folder, WIDTH, HEIGHT, noise_bits=2), 2)
    mpx = WIDTH * HEIGHT / 1e6
    note = f"{mpx:,.0f} Mpx of five 16-bit bands ({mpx * 10e6 / 2**30:.1f} GiB) in {seconds:.0f} s, {mpx / seconds:.1f} Mpx/s on 2 threads; load {os.getloadavg()[0]:.1f}"
    return [{"name": NAME, "value": round(peak / 2**30, 2), "unit": UNIT, "note": note, "command": COMMAND}]
