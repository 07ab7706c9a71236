#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How good a model is, on the test splits of four real labelled sets and on twelve synthetic orchards.

    quality.py prepare --data DIR --workspace DIR      the sets and orchards become datasets of a workspace

The workspace serves training, too: its dataset `trees` holds all that may be learnt from. Datasets `neon`, `danish`, ... and
`orchard_citrus`, ... hold the test splits, one set each, and nothing else.
"""
import argparse
import pathlib
import sys

import sets
from workspace import Workspace

ROOT = pathlib.Path(__file__).resolve().parents[2]
CANOPY = ROOT / "build/release/bin/canopy"


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)

    verb = verbs.add_parser("prepare", help="make the workspace anew from the sets and the orchards")
    verb.add_argument("--data", type=pathlib.Path, required=True, help="folder with " + ", ".join(s.folder for s in sets.REAL))
    verb.add_argument("--only-test", action="store_true", help="leave out train and val: all that `score` needs")
    verb.add_argument("--orchards", type=int, default=4, help="training orchards of each preset (default 4)")
    verb.add_argument("--orchards-val", type=int, default=1, help="validation orchards of each preset (default 1)")
    verb.add_argument("--orchard-px", type=int, default=1024, help="edge of a training orchard in pixels (default 1024)")
    verb.add_argument("--orchard-test-px", type=int, default=1536, help="edge of a test orchard in pixels (default 1536)")
    verb.add_argument("--shares", type=sets.shares, default=sets.shares(""), metavar="SET=NUMBER,...",
                      help="how often each set is drawn in training: the column `weight` (default "
                      + ",".join(f"{k}={v:g}" for k, v in sets.SHARES.items()) + ")")

    verb.add_argument("--workspace", type=pathlib.Path, required=True)
    verb.add_argument("--canopy", type=pathlib.Path, default=CANOPY, help="the program (default build/release/bin/canopy)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    try:
        sets.prepare(Workspace(options.workspace, options.canopy), options)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
