// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "catalog/catalog.h"
#include "ingest/ingest_fixture.h"
#include "ingest/manifest.h"
#include "ingest/tile_statistics.h"
#include "store/blob_store.h"
#include "store/example.h"

// A store and its catalog, small enough for a test to count: ingests of tiles of 8 x 8 pixels, each
// with one tree in a box. Ingests of the same `picture` are revisions of the same tiles.

namespace canopy {

class StoredTest : public IngestFolderTest {
 protected:
  void SetUp() override {
    IngestFolderTest::SetUp();
    store_ = open_blob_store((folder_ / "examples").string());
    catalog_ = std::make_unique<Catalog>(Catalog::open((folder_ / "catalog").string()));
  }

  static Example tile(int picture, int number, int revision) {
    Example e;
    e.height = e.width = 8;
    e.bands = {"red"};
    e.types = {SampleType::UInt8};
    e.planes = {std::vector<std::uint8_t>(64, static_cast<std::uint8_t>(picture))};
    e.planes[0][0] = static_cast<std::uint8_t>(number);
    e.kind = LabelKind::Box;
    e.objects.push_back(
        {.xmin = 1, .ymin = 1, .xmax = 3.0F + static_cast<float>(revision), .ymax = 5});
    return e;
  }

  /// Tiles 0..count-1 of a picture under a revision of its labels: in the store and, unless
  /// `is_killed`, in manifest and catalog.
  std::vector<TileRow> ingest_tiles(
      const std::string& id, int picture, int count, int revision = 1, bool is_killed = false) {
    std::vector<TileRow> rows;
    for (int i = 0; i < count; ++i) {
      const Example e = tile(picture, i, revision);
      const EncodedExample encoded = encode(e);
      TileRow& row = rows.emplace_back();
      row.tile_id = encoded.tile_id;
      row.tile_key = encoded.tile_key;
      row.uri = example_path(row.tile_id);
      row.bytes = static_cast<std::int64_t>(encoded.bytes.size());
      row.ingest_id = id;
      row.ingested_at = "2026-01-0" + std::to_string(revision) + "T00:00:00Z";
      row.label_revision = revision;
      row.label_kind = "box";
      fill_statistics(e, row);
      store_->put_if_absent(row.uri, encoded.bytes);
    }
    if (is_killed) return rows;
    IngestManifest manifest;
    manifest.ingest_id = id;
    manifest.rows = rows;
    store_->put_if_absent(manifest_path(id), to_bytes(manifest));
    catalog_->commit_part(id, rows);
    return rows;
  }

  void flip_bit(const std::filesystem::path& path, double where = 0.5) const {
    std::string bytes = read_file(path);
    bytes[static_cast<std::size_t>(static_cast<double>(bytes.size() - 1) * where)] ^= 1;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    write_file(path, bytes);
  }
  std::filesystem::path blob(const std::string& name) const { return folder_ / "examples" / name; }
  std::string all_rows() const {
    return catalog_->query("SELECT * FROM tiles ORDER BY tile_id, ingest_id").csv();
  }

  std::unique_ptr<BlobStore> store_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace canopy
