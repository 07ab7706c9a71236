#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on what one cannot hold in the head. usage: check_sizes.py ROOT

A header of more than 500 lines, a source of more than 500, a function of more than 80 (aims: 150, 400, 60).
Functions are found by their closing brace in the first column, which clang-format guarantees.
"""
import pathlib
import re
import subprocess
import sys

FILE_LIMIT, FUNCTION_LIMIT = 500, 80


def functions(lines: list[str]):
    """(first line, length) of every top-level braced block that is neither a namespace, a type nor data."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and line.endswith("{") and not line.endswith("= {") and not line.startswith((" ", "namespace", "class", "struct", "enum", "extern", "}")):
            start = number
        elif line.startswith("}") and start is not None:
            yield start, number - start + 1
            start = None


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    names = subprocess.run(["git", "-C", str(root), "ls-files", "*.h", "*.cpp"], capture_output=True, text=True, check=True).stdout.split()
    errors, aims = [], 0
    for name in names:
        if not (root / name).exists():
            continue
        lines = (root / name).read_text().splitlines()
        aim = 150 if name.endswith(".h") else 600 if name.endswith("_test.cpp") else 400
        aims += len(lines) > aim
        if len(lines) > max(FILE_LIMIT, aim):
            errors.append(f"{name}: {len(lines)} lines (limit {max(FILE_LIMIT, aim)}); look for the second noun")
        for start, length in functions(lines):
            if length > FUNCTION_LIMIT and not re.match(r"(TEST|INSTANTIATE)", lines[start - 1]):
                errors.append(f"{name}:{start}: a function of {length} lines (limit {FUNCTION_LIMIT})")
    print("\n".join(errors) or f"{len(names)} files within the limits, {aims} over the aim")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
