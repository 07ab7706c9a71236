# SPDX-License-Identifier: Apache-2.0
"""CANOPY_CORE_ONLY in a build folder of its own, without OpenSSL and without a Debian library's header: in short base and store,
which stand on the libraries of .deps/core; in the long form canopy-train, and all of train_elsewhere with it."""
import os
import subprocess
import sys
import unittest

from program import FULL, ROOT, FolderTest

CORE = ROOT / ".deps/core"


class CoreOnly(FolderTest):
    def run_tool(self, *words, **environment):
        done = subprocess.run([*map(str, words)], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr)[-4000:])
        return done.stdout

    def build(self, *targets):
        self.run_tool("cmake", "--preset", "core", "-B", self.folder, "-DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON")
        # A path of its own would keep ccache from knowing what it compiled before.
        ccache = {"CCACHE_BASEDIR": str(self.folder), "CCACHE_NOHASHDIR": "1"}
        self.run_tool("cmake", "--build", self.folder, "-j2", "--target", *targets, **ccache)

    def headers_of(self, target):
        """Every header that a target's compiler read, as its dependency files have them."""
        folder = next(self.folder.glob(f"src/*/CMakeFiles/{target}.dir"))
        return {word for path in folder.rglob("*.d") for word in path.read_text().replace("\\\n", " ").split()}

    def test_its_modules_stand_on_the_libraries_of_core_alone(self):
        self.build("canopy_base", "canopy_store")
        read = self.headers_of("canopy_base") | self.headers_of("canopy_store")
        for library, header in (("nlohmann_json", "nlohmann/json.hpp"), ("spdlog", "spdlog/spdlog.h"), ("tomlplusplus", "toml++/toml.h"),
                                ("libdeflate", "libdeflate.h")):
            found = [path for path in read if path.endswith("/" + header)]
            self.assertTrue(found, header)
            for path in found:
                self.assertIn(f"/core/{library}/", os.path.abspath(os.path.join(self.folder, path)))
        self.assertEqual([path for path in read if "/usr/include/openssl/" in path or "/usr/include/fmt/" in path], [])

    @unittest.skipUnless(FULL, "the long form only: it compiles everything that knows LibTorch, which takes minutes")
    def test_a_model_that_it_trains_is_one_that_the_program_shows(self):
        self.build("canopy-train")
        program = self.folder / "bin/canopy-train"
        needed = self.run_tool("readelf", "-d", program)
        for library in ("libcurl", "libssl", "libcrypto", "libspdlog", "libfmt", "libdeflate", "libgdal"):
            self.assertNotIn(library, needed)
        self.run_tool(sys.executable, ROOT / "tests/system/train_elsewhere.py", CANOPY_TRAIN=str(program))
        refs = self.folder / "refs.tsv"
        refs.write_text("tile_id\turi\tsplit\n" + f"{'0' * 64}\t00/{'0' * 62}.example.gz\ttrain\n")
        done = subprocess.run([program, refs, "store=s3://farm-data/examples"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("reads folders alone", done.stderr)


if __name__ == "__main__":
    if not CORE.exists():
        sys.exit(77)
    unittest.main()
