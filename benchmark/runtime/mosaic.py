#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A large synthetic orthomosaic in a small file, and its crowns: for measuring, made in seconds.

    benchmark/runtime/mosaic.py FOLDER --width 8192 --height 8192 [--noise-bits 8]

farm.tif is a tiled GeoTIFF of five 16-bit bands at 5 cm in UTM 34 S: ground, round crowns every 128 px, and noise. Only a few blocks are drawn; the
tiles of the file point at them over and over, so that a gigapixel takes a few megabytes and every reader still unpacks each of its tiles.
crowns.gpkg has the outlines.
"""
import argparse
import array
import json
import math
import pathlib
import random
import struct
import subprocess
import zlib

BLOCK_PX, SPACING_PX, RADIUS_PX, BANDS, GSD_M = 512, 128, 50, 5, 0.05
EAST_M, NORTH_M, EPSG = 500_000, 6_200_000, 32734
GROUND, CROWN = (900, 1200, 1600, 1900, 2300), (300, 700, 400, 2200, 5200)
DISTINCT_BLOCKS = 8


def drawn_block(rng, noise_bits):
    """One block, pixel by pixel, compressed."""
    samples, mask = array.array("H"), (1 << noise_bits) - 1
    for y in range(BLOCK_PX):
        noise = array.array("H", rng.randbytes(2 * BANDS * BLOCK_PX))
        dy = y % SPACING_PX - SPACING_PX // 2 + 0.5
        row = []
        for x in range(BLOCK_PX):
            dx = x % SPACING_PX - SPACING_PX // 2 + 0.5
            row += CROWN if dx * dx + dy * dy < RADIUS_PX**2 else GROUND
        samples.extend([value + (n & mask) for value, n in zip(row, noise)])
    return zlib.compress(samples.tobytes(), 1)


def write_picture(path, width, height, noise_bits):
    rng = random.Random(1)
    blocks = [drawn_block(rng, noise_bits) for _ in range(DISTINCT_BLOCKS)]
    tiles = (width // BLOCK_PX) * (height // BLOCK_PX)
    assert width % BLOCK_PX == 0 and height % BLOCK_PX == 0, f"{width} x {height}: give multiples of {BLOCK_PX}"
    starts, at = [], 8
    for block in blocks:
        starts.append(at)
        at += len(block)
    order = [rng.randrange(len(blocks)) for _ in range(tiles)]
    short, long_, double, text = (3, "H"), (4, "I"), (12, "d"), (2, "s")
    geo_keys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, EPSG]  # projected, pixel is area, the CRS
    tags = {256: (long_, [width]), 257: (long_, [height]), 258: (short, [16] * BANDS), 259: (short, [8]), 262: (short, [1]),
            277: (short, [BANDS]), 284: (short, [1]), 322: (short, [BLOCK_PX]), 323: (short, [BLOCK_PX]), 324: (long_, [starts[i] for i in order]),
            325: (long_, [len(blocks[i]) for i in order]), 338: (short, [0] * (BANDS - 1)), 339: (short, [1] * BANDS),
            33550: (double, [GSD_M, GSD_M, 0]), 33922: (double, [0, 0, 0, EAST_M, NORTH_M, 0]), 34735: (short, geo_keys), 42113: (text, b"0\0")}
    directory, beyond = at + at % 2, b""
    behind = directory + 2 + 12 * len(tags) + 4
    entries = struct.pack("<H", len(tags))
    for tag, ((kind, code), values) in sorted(tags.items()):
        data = values if code == "s" else struct.pack(f"<{len(values)}{code}", *values)
        if len(data) > 4:
            place = struct.pack("<I", behind + len(beyond))
            beyond += data + b"\0" * (len(data) % 2)
        else:
            place = data.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, kind, len(values)) + place
    with open(path, "wb") as file:
        file.write(struct.pack("<2sHI", b"II", 42, directory) + b"".join(blocks))
        file.write(b"\0" * (directory - file.tell()) + entries + struct.pack("<I", 0) + beyond)


def write_crowns(path, width, height):
    """The outlines, packed by GDAL's own tool."""
    angles = [2 * math.pi * i / 16 for i in range(17)]
    ring_m = [(RADIUS_PX * GSD_M * math.cos(a), RADIUS_PX * GSD_M * math.sin(a)) for a in angles[:-1]]
    ring_m.append(ring_m[0])
    lines = path.with_suffix(".geojsonl")
    with lines.open("w") as file:
        for y in range(SPACING_PX // 2, height, SPACING_PX):
            for x in range(SPACING_PX // 2, width, SPACING_PX):
                ring = [[round(EAST_M + GSD_M * x + dx, 3), round(NORTH_M - GSD_M * y + dy, 3)] for dx, dy in ring_m]
                file.write(json.dumps({"type": "Feature", "properties": {"class": "tree"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}) + "\n")
    subprocess.run(["ogr2ogr", "-f", "GPKG", "-a_srs", f"EPSG:{EPSG}", "-nln", "crowns", path, f"GeoJSONSeq:{lines}"], check=True)
    lines.unlink()


def make(folder, width, height, noise_bits):
    folder.mkdir(parents=True, exist_ok=True)
    write_picture(folder / "farm.tif", width, height, noise_bits)
    write_crowns(folder / "crowns.gpkg", width, height)
    return folder / "farm.tif", folder / "crowns.gpkg"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--width", type=int, default=8192)
    parser.add_argument("--height", type=int, default=8192)
    parser.add_argument("--noise-bits", type=int, default=8)
    args = parser.parse_args()
    make(args.folder, args.width, args.height, args.noise_bits)


if __name__ == "__main__":
    main()
