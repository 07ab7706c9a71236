# SPDX-License-Identifier: Apache-2.0
"""A small workspace to train in: one synthetic orchard of citrus, 49 tiles of 512 x 512 px, as the dataset `grove`."""
import contextlib
import pathlib
import tempfile

DATASET = "grove"
PRICE = 3.06  # dollars an hour, of a GPU machine in a public price list: what turns samples/s into dollars


@contextlib.contextmanager
def workspace(bench):
    with tempfile.TemporaryDirectory(prefix="canopy_bench_") as folder:
        root, orchard = pathlib.Path(folder) / "workspace", pathlib.Path(folder) / "orchard"
        bench.run([bench.canopy, "init", root])
        bench.run([bench.canopy, "synth", "preset=citrus", "seed=3", "width-m=160", "height-m=160", "gsd=0.05", "-o", orchard])
        bench.run([bench.canopy, "ingest", orchard / "ortho.tif", f"labels={orchard / 'crowns.gpkg'}", "--workspace", root])
        bench.run([bench.canopy, "dataset", "create", DATASET, "--workspace", root])
        yield root
