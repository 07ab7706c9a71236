#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that includes go downward only, as the CMake lists say, and that a name means one type. usage: check_layers.py ROOT

Each `#include "module/file.h"` under src/ and apps/ must name the file's own module or one that its CMakeLists.txt
links (directly, or through another module's links), and links must go to modules that stand earlier in CANOPY_MODULES.

No two headers may define a class, struct or enum of one name in namespace canopy: a program that links both modules would
take one's implicit destructor for the other's, and no compiler or linker says so.
"""
import pathlib
import re
import sys


def linked_modules(cmake: str) -> list[str]:
    """The canopy:: targets of a module, tests' own helpers (TEST_LIBS) left out."""
    cmake = re.sub(r"TEST_LIBS[^)A-Z]*", "", cmake)
    return re.findall(r"canopy::(\w+)", cmake)


def types_defined_twice(root: pathlib.Path) -> list[str]:
    """What stands at the left margin of a header and opens a body, or names a base, is a type of namespace canopy."""
    places: dict[str, list[str]] = {}
    for path in sorted([*(root / "src").rglob("*.h"), *(root / "apps").rglob("*.h")]):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if found := re.match(r"(?:class|struct|enum(?: class)?) (\w+)(?: final)?(?: :.*)? \{", line):
                places.setdefault(found[1], []).append(f"{path.relative_to(root)}:{number}")
    return [f"{' and '.join(where)} both define {name}; give one another name" for name, where in sorted(places.items()) if len(where) > 1]


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    order = re.search(r"set\(CANOPY_MODULES ([^)]*)\)", (root / "CMakeLists.txt").read_text())[1].split()
    links = {m: linked_modules((root / "src" / m / "CMakeLists.txt").read_text()) for m in order}
    errors, includes = types_defined_twice(root), 0
    allowed: dict[str, set[str]] = {}
    for module in order:
        allowed[module] = {module}
        for below in links[module]:
            if below not in allowed or below == module:
                errors.append(f"src/{module}/CMakeLists.txt: links canopy::{below}, which does not stand before it")
            else:
                allowed[module] |= allowed[below]
    for module in order:
        for path in sorted((root / "src" / module).glob("*.*")):
            if path.suffix not in (".h", ".cpp"):
                continue
            below = set(order[: order.index(module)]) | {module} if path.stem.endswith("_test") else allowed[module]
            for number, line in enumerate(path.read_text().splitlines(), 1):
                found = re.match(r'\s*#include "(\w+)/', line)
                if found and found[1] in order:
                    includes += 1
                    if found[1] not in below:
                        errors.append(f"{path.relative_to(root)}:{number}: {module} may not include {found[1]}")
    print("\n".join(errors) or f"{includes} includes between modules, none upward")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
