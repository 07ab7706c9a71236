# SPDX-License-Identifier: Apache-2.0
"""A canopy workspace, driven through the program."""
import json
import pathlib
import shutil
import subprocess

STAMP = "quality.json"  # marks a workspace that `prepare` made and may remove


class Workspace:
    def __init__(self, folder: pathlib.Path, canopy: pathlib.Path):
        self.folder, self.canopy = folder.resolve(), canopy.resolve()
        if not self.canopy.exists():
            raise ValueError(f"{canopy}: there is no such program; build it with `make build`")

    def make_anew(self) -> None:
        """An empty workspace; one that `prepare` made before is removed, anything else left alone."""
        if self.folder.exists() and any(self.folder.iterdir()):
            if not (self.folder / STAMP).exists():
                raise ValueError(f"{self.folder}: is not empty and was not made by quality.py; name another folder")
            runs = self.folder / "runs"
            if runs.exists() and any(runs.iterdir()):
                raise ValueError(f"{self.folder}: holds training runs; remove it by hand, or name another folder")
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.write_stamp({"finished": False})
        self.run("init", self.folder)

    def write_stamp(self, content: dict) -> None:
        (self.folder / STAMP).write_text(json.dumps(content, indent=2) + "\n")

    def is_prepared(self) -> bool:
        stamp = self.folder / STAMP
        return stamp.exists() and json.loads(stamp.read_text())["finished"]

    def require_prepared(self) -> None:
        if not self.is_prepared():
            raise ValueError(f"{self.folder}: is no prepared workspace; run `quality.py prepare --workspace {self.folder} --data DIR` first")

    def run(self, *arguments) -> dict:
        """The result of a command as JSON. What it skips (exit code 3) is told on stderr, and goes on."""
        command = [str(self.canopy), *map(str, arguments), "--json", "--progress", "none"]
        if arguments[0] not in ("init", "synth"):
            command += ["--workspace", str(self.folder)]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode not in (0, 3):
            raise RuntimeError(f"{' '.join(command)}\n{result.stderr.strip()}")
        return json.loads(result.stdout) if result.stdout.startswith(("{", "[")) else {}
