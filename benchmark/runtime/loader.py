# SPDX-License-Identifier: Apache-2.0
"""How many tiles a core's second makes of files (512 x 512 px, five bands of 8 bits) as normalised float32 batches of 16: the loader beside tf.data,
PyTorch's DataLoader with two workers, and that with ISA-L in zlib's place and the number of workers that is better for it, in turns. All read the same
files and deliver the same: planes, the map of ids, boxes (the rivals' bench_loader.py).
"""
import json
import pathlib
import statistics
import tempfile

TILES, SAMPLES = 96, 320
# figure -> what it is held against, and the rivals' modes that stand for it: the best of them counts
FIGURES = {
    "loader.vs_tf_data": ("tf.data with AUTOTUNE", ["tfdata"]),
    "loader.vs_torch_dataloader": ("PyTorch's DataLoader, 2 workers, gzip", ["torch2"]),
    "loader.vs_isal": ("PyTorch's DataLoader with ISA-L, 0 or 2 workers", ["isal0", "isal2"]),
}


def rival_modes(bench, folder):
    """mode -> samples per core-second, of both environments: PyTorch's, and TensorFlow's beside it."""
    rates = {}
    for python in (bench.python, pathlib.Path(f"{bench.python.parent.parent}-tf/bin/python")):
        modes = ["tfdata"] if "-tf" in str(python) else ["torch2", "isal0", "isal2"]
        if python.exists():
            words = [python, bench.peers / "bench_loader.py", folder, "--passes", 1, "--files", SAMPLES, "--modes", *modes]
            for line in bench.run(words)[0].splitlines():
                report = json.loads(line)
                rates[report["mode"]] = report["samples_per_core_s"]
    return rates


def measure(bench):
    if bench.peers is None:
        return [bench.figure(name, None, f"{against}, samples per core-second", None) for name, (against, _) in FIGURES.items()]
    ours, theirs = [], {}
    with tempfile.TemporaryDirectory() as folder:
        bench.run([bench.python, bench.peers / "write_examples.py", folder, "--count", TILES])
        for _ in range(1 if bench.rounds == 1 else max(3, bench.rounds)):  # one with --quick
            out = bench.run([bench.canopy, "bench", "loader", folder, "batch=16", f"samples={SAMPLES}", "passes=1", "--json"])[0]
            ours.append(json.loads(out)["samples_per_core_s"]["median"])
            for mode, rate in rival_modes(bench, folder).items():
                theirs.setdefault(mode, []).append(rate)
    own, figures = statistics.median(ours), []
    for name, (against, modes) in FIGURES.items():
        rate = max((statistics.median(theirs[mode]) for mode in modes if mode in theirs), default=None)
        ratio = rate and round(own / rate, 3)
        figures.append(bench.figure(name, ratio, f"{against}, samples per core-second (Canopy: {own:.0f})", rate, reason="its environment is not there"))
    return figures
