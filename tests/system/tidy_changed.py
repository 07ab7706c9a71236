# SPDX-License-Identifier: Apache-2.0
"""Which sources tools/tidy_changed hands to clang-tidy: in a small repository, with a stand-in that prints what it is given."""
import os
import shutil
import subprocess
import unittest

from program import ROOT, FolderTest


class TidyChanged(FolderTest):
    def setUp(self):
        super().setUp()
        self.repository, tools = self.folder / "repository", self.folder / "bin"
        (self.repository / "tools").mkdir(parents=True)
        shutil.copy(ROOT / "tools/tidy_changed", self.repository / "tools")
        tools.mkdir()
        (tools / "clang-tidy-16").write_text('#!/bin/sh\nfor word; do case "$word" in *.cpp) echo "looked at: $word";; esac; done\n')
        (tools / "cmake").write_text("#!/bin/sh\n")
        for tool in tools.iterdir():
            tool.chmod(0o755)
        self.environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": "/dev/null"}
        self.environment.pop("TIDY_MOST", None)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "a")
        self.git("config", "user.email", "a@b")
        self.commit("old.cpp")

    def git(self, *words):
        subprocess.run(["git", *words], cwd=self.repository, env=self.environment, check=True, capture_output=True)

    def write(self, *names):
        for name in names:
            path = self.repository / "src/base" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text((path.read_text() if path.exists() else "") + "int x;\n")

    def commit(self, *names):
        self.write(*names)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "change")

    def lines(self, start, *words, expect=0, **environment):
        done = subprocess.run(["tools/tidy_changed", *words], cwd=self.repository, env=self.environment | environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return [line.removeprefix(start + " src/base/").split()[0] for line in (done.stdout + done.stderr).splitlines() if line.startswith(start)]

    def looked_at(self, *words):
        return self.lines("looked at:", *words)

    def test_every_commit_of_a_branch_is_looked_at_and_none_of_the_others(self):
        self.git("checkout", "-q", "-b", "mine")
        self.commit("first.cpp", "first_test.cpp")
        self.commit("second.cpp")
        self.write("old.cpp")  # not committed yet
        self.git("stash", "-q")
        self.git("checkout", "-q", "main")
        self.commit("theirs.cpp")
        self.git("checkout", "-q", "mine")
        self.git("stash", "pop", "-q")
        self.assertEqual(self.looked_at("main"), ["first.cpp", "old.cpp", "second.cpp"])

    def test_the_base_is_origins_main_where_there_is_one(self):
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.commit("first.cpp")
        self.commit("second.cpp")
        self.assertEqual(self.looked_at(), ["first.cpp", "second.cpp"])

    def test_without_an_origin_and_on_its_main_the_base_is_the_commit_before(self):
        self.commit("first.cpp")
        self.commit("second.cpp")
        self.assertEqual(self.looked_at(), ["second.cpp"])
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.assertEqual(self.looked_at(), ["second.cpp"])

    def test_files_beyond_the_limit_are_named(self):
        self.commit(*(f"f{i:02}.cpp" for i in range(14)))
        self.assertEqual(len(self.looked_at()), 12)
        self.assertEqual(self.lines("left out:"), ["f12.cpp", "f13.cpp"])
        self.assertEqual(self.lines("left out:", TIDY_MOST="14"), [])

    def test_a_base_that_is_none_is_a_usage_error(self):
        self.assertEqual(self.lines("tidy_changed: 'nowhere'", "nowhere", expect=2), ["tidy_changed:"])


if __name__ == "__main__":
    unittest.main()
