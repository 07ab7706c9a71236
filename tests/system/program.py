# SPDX-License-Identifier: Apache-2.0
"""What the system tests share: running the program, folders that go away, and small inputs made with the program itself."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

CANOPY = os.environ.get("CANOPY", "build/release/bin/canopy")
ROOT = pathlib.Path(os.environ.get("CANOPY_ROOT", "."))
FULL = os.environ.get("CANOPY_SLOW") == "full"


def canopy(*words, folder=None, timeout=280, expect=0):
    """Runs the program -> (stdout, stderr). `expect` is the exit code it must have; None: any."""
    done = subprocess.run([CANOPY, *map(str, words)], cwd=folder, capture_output=True, text=True, errors="replace", timeout=timeout)
    if expect is not None and done.returncode != expect:
        raise AssertionError(f"canopy {' '.join(map(str, words))}: exit {done.returncode}, expected {expect}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


class FolderTest(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="canopy_test_"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def files(self, below="."):
        """Every file below a folder, by relative name, with its bytes' hash left to the caller."""
        base = self.folder / below
        return sorted(str(p.relative_to(base)) for p in base.rglob("*") if p.is_file())


def orchard(folder, preset="square", seed=1, size_m=40, gsd=0.1):
    canopy("synth", f"preset={preset}", f"seed={seed}", f"width-m={size_m}", f"height-m={size_m}", f"gsd={gsd}", "-o", folder)
    return pathlib.Path(folder)


def workspace(folder):
    canopy("init", folder)
    return pathlib.Path(folder)


def configure(space, section, **values):
    """Sets keys of a section of the workspace's canopy.toml."""
    path = space / "canopy.toml"
    head, body = path.read_text().split(f"[{section}]\n")
    for key, value in values.items():
        body = re.sub(rf"^{key} = .*$", f"{key} = {json.dumps(value)}", body, count=1, flags=re.MULTILINE)
    path.write_text(f"{head}[{section}]\n{body}")


def load(text):
    return json.loads(text)
