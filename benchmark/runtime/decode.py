# SPDX-License-Identifier: Apache-2.0
"""How fast a core makes a tile of its file (512 x 512 px, five bands of 8 bits): beside libdeflate alone, which is the bound, and beside zlib with
libprotobuf, all three in one process and in turns (benchmark/decode/decode_bench.cpp); and on two cores over one.
"""
import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/release/bin/decode_bench"
TILES = 48
FIGURES = {
    "decode.vs_libdeflate": "libdeflate alone, inflating into memory that is there, tiles/s; value = ours over its, all checked and parsed",
    "decode.vs_zlib_protobuf": "zlib and libprotobuf, tiles/s",
    "decode.two_core_speedup": "one core, tiles/s",
}


def measure(bench):
    if bench.peers is None:
        return [bench.figure(name, None, against, None) for name, against in FIGURES.items()]
    for command in (["cmake", "--preset", "release", "-DCANOPY_TESTS=ON"], ["cmake", "--build", "--preset", "release", "--target", "decode_bench"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        bench.run([bench.python, bench.peers / "write_examples.py", folder, "--count", TILES])
        found = json.loads(bench.run([PROGRAM, folder, 5 * bench.rounds])[0])
    ours = found["ours_per_s"]
    against = {"decode.vs_libdeflate": (ours / found["libdeflate_per_s"], found["libdeflate_per_s"]),
               "decode.vs_zlib_protobuf": (ours / found["usual_per_s"], found["usual_per_s"]),
               "decode.two_core_speedup": (found["all_cores_per_s"] / ours, ours)}
    return [bench.figure(name, round(ratio, 3), FIGURES[name] + f" (Canopy: {ours:.0f})", round(value, 1))
            for name, (ratio, value) in against.items()]
