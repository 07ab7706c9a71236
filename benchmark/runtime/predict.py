# SPDX-License-Identifier: Apache-2.0
"""A whole mosaic predicted (mosaic.py), beside torchvision's r50 run over tiles that overlap by half: same working pixels, same threads.

The bundled model finds the mosaic's crowns; torchvision's r50 has random weights and merges what they give.
"""
import json
import os
import pathlib
import tempfile

from mosaic import GSD_M, make

EDGE_PX, QUICK_EDGE_PX = 4096, 1024
RIVAL_EDGE_PX, QUICK_RIVAL_EDGE_PX = 2048, 1024


def predict(bench, picture, model, out):
    """-> (what the program says, peak resident bytes)."""
    text, peak = bench.run([bench.canopy, "predict", picture, f"model={model}", f"working-gsd={GSD_M}", "-o", out, "--overwrite", "--json", "--progress", "none"])
    return json.loads(text), peak


def rival(bench, edge):
    out, _ = bench.run([bench.python, bench.peers / "bench_tiling.py", "--backbone", "resnet50", "--size", str(edge), "--threads", str(os.cpu_count())])
    return json.loads(out.splitlines()[-1])["mpx_per_s"]


def measure(bench):
    quick = bench.rounds == 1
    edge = QUICK_EDGE_PX if quick else EDGE_PX
    speeds, tax, peak, theirs = [], 0, 0, []
    with tempfile.TemporaryDirectory(prefix="canopy_bench_") as folder:
        folder = pathlib.Path(folder)
        picture, _ = make(folder / "farm", edge, edge, noise_bits=8)
        for _ in range(bench.rounds):
            told, used = predict(bench, picture, "bundled", folder / "labels.tif")
            speeds.append(told["megapixels"] / told["seconds"])
            tax, peak = told["overlap_tax"], max(peak, used)
            if bench.peers:
                theirs.append(rival(bench, QUICK_RIVAL_EDGE_PX if quick else RIVAL_EDGE_PX))
    note = f"{edge} x {edge} px of five bands; load {os.getloadavg()[0]:.1f}"
    ours, rivals = max(speeds), max(theirs, default=None)
    figures = [bench.figure("predict.default.vs_tiled_torchvision", rivals and round(ours / rivals, 2),
                            f"torchvision resnet50, tiles of 512 px that overlap by half, Mpx/s (Canopy: {ours:.3f})", rivals)]
    for name, value, unit in (("default.mpx_per_second", ours, "Mpx/s"), ("overlap_tax", tax, "x"), ("peak_rss_mib", peak / 2**20, "MiB")):
        figures.append({"name": f"predict.{name}", "value": round(value, 3), "unit": unit, "note": note, "command": "benchmark/runtime/bench.py --only predict"})
    return figures
