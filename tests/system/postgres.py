# SPDX-License-Identifier: Apache-2.0
"""A workspace whose catalog and registry are in PostgreSQL: one line of canopy.toml each, and the same datasets as from files."""
import unittest

from postgres_server import Server
from program import FolderTest, canopy, load, orchard, workspace


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

    def test_the_catalog_is_made_again_kept_clean_and_needs_no_compaction(self):
        self.ingest(self.space)
        rows = lambda: canopy("catalog", "sql", "SELECT * FROM tiles ORDER BY tile_id", "format=csv", "--workspace", self.space)[0]
        before = rows()
        self.server.sql("farm", "DELETE FROM tiles; DELETE FROM ingests", user="tester")
        report = load(canopy("catalog", "rebuild", "--json", "--workspace", self.space)[0])
        self.assertEqual((report["ingests"], report["parts_changed"], report["problems"]), (1, 1, 0))
        self.assertEqual(rows(), before)
        self.assertIn("there are no parts to merge", canopy("catalog", "compact", "--workspace", self.space)[0])
        self.assertIn("kept       1 ingests", canopy("catalog", "gc", "--remove", "--workspace", self.space)[0])
        self.assertEqual(rows(), before)

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
