# SPDX-License-Identifier: Apache-2.0
"""A workspace whose catalog and registry are in PostgreSQL: one line of canopy.toml each, and the same datasets as from files."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from program import FolderTest, canopy, load, orchard, workspace

BIN = pathlib.Path(shutil.which("initdb", path="/usr/lib/postgresql/15/bin:" + os.environ["PATH"]) or "/nowhere").resolve().parent


class Server:
    """A private cluster, reached through a socket in its folder. Where the test is root, it runs as the user postgres."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="canopy_pg_"))
        self.user = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        data = self.folder / "data"
        subprocess.run([BIN / "initdb", "-D", data, "-U", "canopy_admin", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/", **self.user)
        self.process = subprocess.Popen([BIN / "postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self.user)
        for _ in range(300):
            if subprocess.run([BIN / "pg_isready", "-q", "-h", self.folder]).returncode == 0:
                break
            time.sleep(0.05)
        self.sql("postgres", "CREATE ROLE tester LOGIN")
        self.sql("postgres", "CREATE DATABASE farm OWNER tester")

    def sql(self, database, text, user="canopy_admin"):
        return subprocess.run([BIN / "psql", "-qAt", "-h", self.folder, "-U", user, "-d", database, "-c", text],
                              check=True, capture_output=True, text=True).stdout.strip()

    @property
    def url(self):
        return f"postgres://tester@/farm?host={self.folder}"

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(FolderTest):
    def setUp(self):
        super().setUp()
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.space = workspace(self.folder / "w")
        self.configure(self.space, catalog=self.server.url, registry=self.server.url)

    def configure(self, space, **urls):
        path = space / "canopy.toml"
        lines = path.read_text().splitlines()
        for key, url in urls.items():
            at = lines.index(f"[{key}]")
            lines[at + 1] = f'url = "{url}"'
        path.write_text("\n".join(lines) + "\n")

    def ingest(self, space):
        farm = self.folder / "orchard"
        if not farm.exists():
            orchard(farm, preset="citrus", size_m=70)
        return canopy("ingest", farm / "ortho.tif", farm / "crowns.gpkg", "crop=orange", "meta=block=A3", "--workspace", space)[0]

    def create(self, space, *words, expect=0):
        return canopy("dataset", "create", "oranges", "--where", "crop = 'orange' and (meta->>'block') = 'A3'", "split-by=tile_key",
                      "--json", "--workspace", space, *words, expect=expect)

    def test_a_dataset_has_the_id_that_it_has_from_files(self):
        self.ingest(self.space)
        self.assertIn("already ingested", self.ingest(self.space))
        ours = load(self.create(self.space)[0])
        files = workspace(self.folder / "files")
        self.ingest(files)
        theirs = load(self.create(files)[0])
        self.assertEqual(ours["id"], theirs["id"])
        self.assertEqual(ours["engine"]["name"], "postgres")
        self.assertEqual(self.server.sql("farm", "SELECT count(*) FROM tiles", user="tester"), str(theirs["counts"]["tiles"]))
        self.assertEqual(self.server.sql("farm", "SELECT id FROM datasets", user="tester"), ours["id"])
        canopy("dataset", "verify", "oranges", "--workspace", self.space)
        self.assertFalse((self.space / "registry.sqlite").exists())
        self.assertFalse((self.space / "catalog" / "tiles").exists())

    def test_a_query_only_reads_and_its_mistakes_are_pointed_at(self):
        self.ingest(self.space)
        sql = lambda text, expect: canopy("catalog", "sql", text, "--workspace", self.space, expect=expect)
        self.assertIn("orange", sql("SELECT crop, count(*) FROM examples GROUP BY crop", 0)[0])
        self.assertIn("LINE 1", sql("SELECT croop FROM examples", 4)[1])
        self.assertIn("only a SELECT", sql("DELETE FROM tiles", 4)[1])
        self.assertIn("permission denied", sql("SELECT pg_read_file('/etc/passwd')", 4)[1])

    def test_a_server_that_is_not_there_is_named_with_what_to_do(self):
        self.configure(self.space, catalog="postgres://me@127.0.0.1:1/farm")
        words = canopy("catalog", "sql", "SELECT 1", "--workspace", self.space, expect=1)[1]
        self.assertIn("database 'farm' on 127.0.0.1:1", words)
        self.assertIn("see that the server runs", words)

    def test_a_password_in_canopy_toml_is_refused_and_not_repeated(self):
        self.configure(self.space, registry="postgres://me:s3cret@127.0.0.1:1/farm")
        words = canopy("run", "list", "--workspace", self.space, expect=4)[1]
        self.assertIn("PGPASSWORD", words)
        self.assertNotIn("s3cret", words)


if __name__ == "__main__":
    unittest.main()
