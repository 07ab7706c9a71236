# SPDX-License-Identifier: Apache-2.0
"""What a grower gets of a synthetic orchard: trees, areas, rows, missing, dead and poor trees, end to end with a model; and rows
and missing trees from the true trees alone, as they stand and with 2 % false and 2 % lost ones.

The seeds here are in no training, and nothing is chosen by them.
"""
import csv
import json
import math
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys

import sets
from report import write_report

EXTENT_M = {"walnuts": 240, "vines": 48, "apples": 30}
USUAL_EXTENT_M = 120
FALSE_SHARE = LOST_SHARE = 0.02
CRS = "EPSG:32734"
# `from_truth`: the true trees. `with_mishaps`: the same, some lost and some imagined.
TABLES = {"from_truth": 0.0, "with_mishaps": FALSE_SHARE}


def run(canopy: pathlib.Path, *arguments) -> dict:
    command = [str(canopy), *map(str, arguments), "--json", "--progress", "none"]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{result.stderr.strip()}")
    return json.loads(result.stdout)


def write_table(orchard: pathlib.Path, path: pathlib.Path, share: float, seed: int) -> None:
    """The true trees' places and areas; `share` of them lost, and as many imagined anywhere."""
    with sqlite3.connect(f"file:{orchard / 'crowns.gpkg'}?mode=ro", uri=True) as package:
        trees = package.execute("SELECT id, x, y, area FROM crowns ORDER BY id").fetchall()
    draw = random.Random(seed)
    low, high = ([edge(tree[axis] for tree in trees) for axis in (1, 2)] for edge in (min, max))
    kept = [tree for tree in trees if draw.random() >= share]
    areas = [tree[3] for tree in trees]
    for k in range(round(share * len(trees))):
        kept.append((10**6 + k, draw.uniform(low[0], high[0]), draw.uniform(low[1], high[1]), draw.choice(areas) * draw.uniform(0.3, 1)))
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "x", "y", "area"])
        writer.writerows(kept)


def measure_orchard(canopy: pathlib.Path, model: pathlib.Path | None, work: pathlib.Path, preset: str, seed: int) -> dict[str, dict]:
    """The score by way: "" end to end, then those of TABLES."""
    gsd_m, extent_m = sets.PRESET_GSD_M.get(preset, sets.USUAL_GSD_M), EXTENT_M.get(preset, USUAL_EXTENT_M)
    orchard = work / f"{preset}_{seed}"
    run(canopy, "synth", f"preset={preset}", f"seed={seed}", f"gsd={gsd_m}", f"width-m={extent_m}", f"height-m={extent_m}", "-o", orchard)
    scores = {}
    if model is not None:
        run(canopy, "survey", orchard / "ortho.tif", f"model={model.resolve()}", "-o", orchard / "survey")
        scores[""] = run(canopy, "bench", "orchard", orchard / "survey", orchard)
    for way, share in TABLES.items():
        write_table(orchard, orchard / f"{way}.csv", share, seed)
        run(canopy, "insight", orchard / f"{way}.csv", f"table-crs={CRS}", "-o", orchard / way)
        scores[way] = run(canopy, "bench", "orchard", orchard / way, orchard)
    shutil.rmtree(orchard)
    return scores


# ---- figures with their 95 % intervals ----

def binomial_quantile(count: int, share: float, quantile: float) -> float:
    """Where the bootstrap of `count` things, of which `share` are right, ends: drawn with replacement they are binomial."""
    if share in (0, 1) or count == 0:
        return share
    below = 0.0
    for k in range(count + 1):
        below += math.exp(math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1) + k * math.log(share) + (count - k) * math.log1p(-share))
        if below >= quantile:
            return k / count
    return 1.0


def share_of(right: int, count: int) -> dict:
    if count == 0:
        return {"value": None, "reason": "there were none"}
    value = right / count
    return {"value": value, "low": binomial_quantile(count, value, 0.025), "high": binomial_quantile(count, value, 0.975)}


def median_of(values: list[float], resamples: int = 400) -> dict:
    if not values:
        return {"value": None, "reason": "there were none"}
    draw = random.Random(1)
    values = sorted(values)
    n = len(values)
    # The median of a resample of n sorted values is the value at the median of n uniform draws.
    medians = sorted(values[sorted(draw.choices(range(n), k=n))[n // 2]] for _ in range(resamples))
    return {"value": values[n // 2], "low": medians[int(0.025 * resamples)], "high": medians[int(0.975 * resamples)]}


def f1_of(counts: dict, resamples: int = 1000) -> dict:
    kinds = ["right"] * counts["right"] + ["wrong"] * counts["wrong"] + ["missed"] * counts["missed"]
    if counts["right"] + counts["missed"] == 0:
        return {"value": None, "reason": "there were none" if not kinds else f"there were none; {len(kinds)} were told"}

    def f1(drawn):
        right = drawn.count("right")
        return 2 * right / (len(drawn) + right)

    draw = random.Random(1)
    drawn = sorted(f1(draw.choices(kinds, k=len(kinds))) for _ in range(resamples))
    return {"value": f1(kinds), "low": drawn[int(0.025 * resamples)], "high": drawn[int(0.975 * resamples)]}


def mean_of(values: list[float]) -> dict:
    draw = random.Random(1)
    means = sorted(sum(draw.choices(values, k=len(values))) / len(values) for _ in range(1000))
    return {"value": sum(values) / len(values), "low": means[25], "high": means[975]}


def summed(scores: list[dict], what: str) -> dict:
    return {kind: sum(score[what][kind] for score in scores) for kind in ("right", "wrong", "missed")}


def row_and_gap_figures(scores: list[dict]) -> dict[str, dict]:
    missing = summed(scores, "missing")
    return {"row_ari": {"unit": "share", **mean_of([score["row_ari"] for score in scores])},
            "missing_precision": {"unit": "share", **share_of(missing["right"], missing["right"] + missing["wrong"])},
            "missing_recall": {"unit": "share", **share_of(missing["right"], missing["right"] + missing["missed"])},
            "missing_error_m": {"unit": "m", **median_of([e for score in scores for e in score["missing_errors_m"]])}}


def tree_figures(scores: list[dict]) -> dict[str, dict]:
    trees = summed(scores, "trees")
    return {"tree_precision": {"unit": "share", **share_of(trees["right"], trees["right"] + trees["wrong"])},
            "tree_recall": {"unit": "share", **share_of(trees["right"], trees["right"] + trees["missed"])},
            "area_error_median": {"unit": "share", **median_of([e for score in scores for e in score["area_errors"]])},
            "dead_f1": {"unit": "share", **f1_of(summed(scores, "dead"))},
            "poor_f1": {"unit": "share", **f1_of(summed(scores, "poor"))}}


def figures_of(preset: str, by_way: dict[str, list[dict]], command: str) -> list[dict]:
    found = {}
    for way, scores in by_way.items():
        for name, figure in ((tree_figures(scores) if way == "" else {}) | row_and_gap_figures(scores)).items():
            found[".".join(filter(None, ("orchard", preset, way, name)))] = figure
    rounded = [{key: round(value, 4) if isinstance(value, float) else value for key, value in figure.items()} for figure in found.values()]
    note = f"{len(next(iter(by_way.values())))} orchards of {EXTENT_M.get(preset, USUAL_EXTENT_M)} m, seeds that nothing was chosen by"
    return [{"name": name, **figure, "note": note, "command": command} for name, figure in zip(found, rounded)]


def measure(options, command: str) -> None:
    """Every preset; the report keeps what is measured even when a later one fails."""
    model = options.model if options.model and str(options.model) != "none" else None
    work = options.workspace / "surveyed"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for preset in options.presets or sets.PRESETS:
        by_way: dict[str, list[dict]] = {}
        for number in range(options.orchards_surveyed):
            seed = sets.FIRST_SEED["test"] + number * len(sets.PRESETS) + sets.PRESETS.index(preset)
            for way, score in measure_orchard(options.canopy, model, work, preset, seed).items():
                by_way.setdefault(way, []).append(score)
        figures = figures_of(preset, by_way, command)
        print(f"{preset:12}" + "".join(f"  {f['name'].removeprefix(f'orchard.{preset}.')} {'-' if f['value'] is None else format(f['value'], '.3f')}" for f in figures), file=sys.stderr, flush=True)
        write_report(options.out, figures)
