# SPDX-License-Identifier: Apache-2.0
"""A model's figures on the test splits, each set by itself, with bootstrap intervals."""
import pathlib
import sys

import sets
from report import write_report

# name of the figure -> set, then where `canopy eval --json` has it, and its unit
REAL = {
    "neon.box_f1_40": ("neon", ("box", "iou_40", "f1")),
    "neon.box_precision_40": ("neon", ("box", "iou_40", "precision")),
    "neon.box_recall_40": ("neon", ("box", "iou_40", "recall")),
    "danish.mask_f1_50": ("danish", ("mask", "iou_50", "f1")),
    "danish.mask_ap50": ("danish", ("mask", "ap50")),
    "danish.area_error_median": ("danish", ("mask", "area_error", "median_relative")),
    "oil_palm.box_ap50": ("oil_palm", ("box", "ap50")),
    "oil_palm.box_f1_50": ("oil_palm", ("box", "iou_50", "f1")),
    "california.point_f1": ("california", ("point", "f1")),
}
ORCHARD = {"mask_ap": ("mask", "ap"), "mask_f1_50": ("mask", "iou_50", "f1")}
# What is lost without bands that the model may see: dataset -> the lists that are taken away.
WITHOUT = {"danish": ["nir"], "orchard_citrus": ["nir", "red_edge", "nir,red_edge"], "orchard_weeds": ["nir", "red_edge", "nir,red_edge"]}
# Half an hour of the same backbone in torchvision's parts, and what the sets' authors publish.
AGAINST = {
    "neon.box_f1_40": ("torchvision's parts, 33 min on 2 cores", 0.51),
    "danish.mask_f1_50": ("torchvision's parts, 33 min on 2 cores", 0.77),
    "danish.mask_ap50": ("torchvision's parts, 33 min on 2 cores", 0.73),
    "danish.area_error_median": ("torchvision's parts, 33 min on 2 cores", 0.18),
    "oil_palm.box_ap50": ("torchvision's parts, 33 min on 2 cores", 0.925),
    "california.point_f1": ("HR-SFANet, as its authors publish it", 0.735),
}
DETECTIONS = 1000  # of a tile that AP looks at: test tiles are whole pictures, with up to 200 trees


def entries() -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Every figure -> dataset, bands that are left out, place in the report."""
    wanted = {name: (dataset, "", place) for name, (dataset, place) in REAL.items()}
    for preset in sets.PRESETS:
        wanted |= {f"orchard.{preset}.{name}": (f"orchard_{preset}", "", place) for name, place in ORCHARD.items()}
    for dataset, lists in WITHOUT.items():
        for bands in lists:
            name = f"{dataset.replace('_', '.')}.without_{bands.replace(',', '_')}.mask_f1_50"
            wanted[name] = (dataset, bands, ("mask", "iou_50", "f1"))
    return wanted


def figure(name: str, report: dict, place: tuple[str, ...], command: str) -> dict:
    value = report
    for key in place:
        value = value[key]
    against, against_value = AGAINST.get(name, (None, None))
    return {"name": name, **{key: round(value[key], 4) for key in ("value", "low", "high")}, "unit": "share", "against": against,
            "against_value": against_value, "ratio": value["value"] / against_value if against_value else None, "command": command}


def evaluate(workspace, model: pathlib.Path, dataset: str, without: str, resamples: int) -> dict:
    words = [f"without={without}"] if without else []
    return workspace.run("eval", dataset, f"model={model.resolve()}", "split=test", f"max-found={DETECTIONS}", f"resamples={resamples}", *words)


def score(workspace, model: pathlib.Path, out: pathlib.Path, resamples: int, command: str) -> None:
    wanted = entries()
    runs = list(dict.fromkeys((dataset, without) for dataset, without, _ in wanted.values()))
    reports = {}
    for i, (dataset, without) in enumerate(runs):
        print(f"{i + 1}/{len(runs)}  {dataset}" + (f" without {without}" if without else ""), file=sys.stderr, flush=True)
        reports[dataset, without] = evaluate(workspace, model, dataset, without, resamples)
    figures = [figure(name, reports[dataset, without], place, command) for name, (dataset, without, place) in wanted.items()]
    print_table(figures)
    write_report(out, figures)
    print(f"\nreport     {out}")


def print_table(figures: list[dict]) -> None:
    print(f"{'figure':46} {'value':>6}   95 %            against")
    for f in figures:
        against = "" if f["against"] is None else f"{f['against_value']:.3f}  {f['against']}"
        print(f"{f['name']:46} {f['value']:6.3f}   {f['low']:.3f} - {f['high']:.3f}   {against}".rstrip())
