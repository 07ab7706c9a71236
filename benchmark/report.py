# SPDX-License-Identifier: Apache-2.0
"""The report that every measuring command leaves in reports/: {"date", "commit", "machine", "figures": [...]}."""
import datetime
import json
import os
import pathlib
import platform
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def machine() -> str:
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return f"{model}, {os.cpu_count()} cores"


def write_report(path: pathlib.Path, figures: list[dict]) -> None:
    """Figures of this run replace those of the same name; others stay."""
    kept = []
    if path.exists():
        new = {figure["name"] for figure in figures}
        kept = [figure for figure in json.loads(path.read_text())["figures"] if figure["name"] not in new]
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    report = {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "commit": commit, "machine": machine(),
              "figures": sorted(kept + figures, key=lambda figure: figure["name"])}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".tmp.{os.getpid()}")
    temporary.write_text(json.dumps(report, indent=2) + "\n")
    temporary.rename(path)
