# SPDX-License-Identifier: Apache-2.0
"""`canopy bench ladder`: from the naive way to the tuned one, as two figures and a chart, reports/ladder.svg."""
import json
import pathlib

from grove import DATASET, PRICE, workspace

CHART = pathlib.Path(__file__).resolve().parents[2] / "reports/ladder.svg"
BAR, LEFT, WIDTH = 22, 150, 420
TITLES = {"training": "Training, lite, samples/s", "loader": "Loader in front of a simulated consumer, samples/s"}


def bars(title, rungs, top):
    """One ladder as SVG, from `top` down -> (lines, its lower end)."""
    most = max(rung["samples_per_s"]["high"] for rung in rungs)
    lines = [f'<text x="8" y="{top + 14}" font-weight="bold">{title}</text>']
    for i, rung in enumerate(rungs):
        rate, y = rung["samples_per_s"], top + 24 + i * BAR
        length, low, high = (LEFT + WIDTH * rate[which] / most for which in ("median", "low", "high"))
        lines += [f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{rung["rung"]}</text>',
                  f'<rect x="{LEFT}" y="{y + 2}" width="{length - LEFT:.1f}" height="{BAR - 6}" fill="#3a7d44"/>',
                  f'<path d="M{low:.1f} {y + BAR / 2 - 1}H{high:.1f}" stroke="#111"/>',
                  f'<text x="{max(length, high) + 8:.1f}" y="{y + 14}">{rate["median"]:.1f}   ${rung["usd_per_million_samples"]:.0f}/M</text>']
    return lines, top + 24 + len(rungs) * BAR + 12


def chart(found):
    lines, end = [], 4
    for name, title in TITLES.items():
        more, end = bars(title, found[name]["rungs"], end)
        lines += more
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 150}" height="{end}" font-family="sans-serif" font-size="13">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *lines, "</svg>"]) + "\n"


def measure(bench):
    with workspace(bench) as root:
        bench.run([bench.canopy, "tune", "loader", DATASET, "seconds=1", "rounds=1", "--json", "--workspace", root])
        words = [bench.canopy, "bench", "ladder", DATASET, f"usd-per-hour={PRICE}", "seconds=2", "--json", "--workspace", root]
        found = json.loads(bench.run(words)[0])
    CHART.write_text(chart(found))
    figures = []
    for name, ladder in (("ladder.naive_to_tuned", "training"), ("ladder.loader_naive_to_tuned", "loader")):
        rungs, ratio = found[ladder]["rungs"], round(found[ladder]["naive_to_tuned"], 2)
        steps = ", ".join(f"{rung['rung']} {rung['samples_per_s']['median']:.1f}" for rung in rungs)
        figures.append({"name": name, "value": ratio, "unit": "x", "against": f"the naive rung, samples/s ({steps})",
                        "against_value": round(rungs[0]["samples_per_s"]["median"], 2), "ratio": ratio,
                        "command": "benchmark/runtime/bench.py --only ladder"})
    return figures
