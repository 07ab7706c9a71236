#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How good a model is, on the test splits of four real labelled sets and on twelve synthetic orchards.

    quality.py prepare --data DIR --workspace DIR      the sets and orchards become datasets of a workspace
    quality.py score --workspace DIR --model FILE      a model's figures on the test ones, as reports/quality.json
    quality.py orchards --model FILE                   twelve kinds of orchard surveyed end to end, and from their true trees alone
    quality.py all --data DIR --model FILE             all of it, in build/quality, which is prepared once

The workspace serves training, too: its dataset `trees` holds all that may be learnt from. Datasets `neon`, `danish`, ... and
`orchard_citrus`, ... hold the test splits, one set each, and nothing else; `val_neon`, ... what choices are made by.
"""
import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmark"))
import orchards  # noqa: E402
import score  # noqa: E402
import sets  # noqa: E402
from workspace import Workspace  # noqa: E402

CANOPY = ROOT / "build/release/bin/canopy"


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)

    prepare = verbs.add_parser("prepare", help="make the workspace anew from the sets and the orchards")
    both = verbs.add_parser("all", help="prepare what scoring needs, if it is not there yet, and score")
    scoring = verbs.add_parser("score", help="a model's figures on the test splits")
    surveyed = verbs.add_parser("orchards", help="what a grower gets of each kind of orchard")
    for verb in (prepare, both):
        verb.add_argument("--data", type=pathlib.Path, required=True, help="folder with " + ", ".join(s.folder for s in sets.REAL))
        verb.add_argument("--orchards", type=int, default=4, help="training orchards of each preset (default 4)")
        verb.add_argument("--orchards-val", type=int, default=1, help="validation orchards of each preset (default 1)")
        verb.add_argument("--orchard-px", type=int, default=1024, help="edge of a training orchard in pixels (default 1024)")
        verb.add_argument("--orchard-test-px", type=int, default=1536, help="edge of a test orchard in pixels (default 1536)")
        verb.add_argument("--shares", type=sets.shares, default=sets.shares(""), metavar="SET=NUMBER,...",
                          help="how often each set is drawn in training: the column `weight` (default "
                          + ",".join(f"{k}={v:g}" for k, v in sets.SHARES.items()) + ")")
    prepare.add_argument("--neon", type=pathlib.Path, default=ROOT / ".deps/neon", help="where `tools/bootstrap neon` put its pictures")
    prepare.add_argument("--only-test", action="store_true", help="leave out train and val: all that `score` needs")
    both.set_defaults(only_test=True)
    surveyed.add_argument("--presets", nargs="*", help="some of them; all when left out")
    both.set_defaults(presets=None)
    for verb in (both, surveyed):
        verb.add_argument("--orchards-surveyed", type=int, default=3, help="orchards of each preset (default 3)")
    for verb in (both, scoring, surveyed):
        verb.add_argument("--model", type=pathlib.Path, required=True, help="a .safetensors file; of orchards also `none`, for their true trees alone")
        verb.add_argument("--out", type=pathlib.Path, default=ROOT / "reports/quality.json")
        verb.add_argument("--resamples", type=int, default=1000, help="bootstrap resamples behind the intervals (default 1000)")
    for verb in (prepare, both, scoring, surveyed):
        verb.add_argument("--workspace", type=pathlib.Path, required=verb in (prepare, scoring), default=ROOT / "build/quality")
        verb.add_argument("--canopy", type=pathlib.Path, default=CANOPY, help="the program (default build/release/bin/canopy)")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> None:
    if options.verb == "orchards":
        few = "" if options.orchards_surveyed == 3 else f" --orchards-surveyed {options.orchards_surveyed}"
        orchards.measure(options, f"benchmark/quality/quality.py orchards --model {options.model}{few}")
        return
    workspace = Workspace(options.workspace, options.canopy)
    if options.verb != "prepare" and not options.model.is_file():
        raise ValueError(f"{options.model}: there is no such model; name a .safetensors file as --model (make quality MODEL=FILE)")
    if options.verb == "prepare" or (options.verb == "all" and not workspace.is_prepared()):
        sets.prepare(workspace, options)
    if options.verb != "prepare":
        workspace.require_prepared()
        score.score(workspace, options.model, options.out, options.resamples, "make quality DATA=... MODEL=" + str(options.model))
    if options.verb == "all":
        orchards.measure(options, "make quality DATA=... MODEL=" + str(options.model))


def main(arguments: list[str]) -> int:
    try:
        run(parse(arguments))
    except (OSError, ValueError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
