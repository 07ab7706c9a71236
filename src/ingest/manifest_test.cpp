// SPDX-License-Identifier: Apache-2.0
#include "ingest/manifest.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "catalog/tile_columns.h"
#include "ingest/ingest_fixture.h"

namespace canopy {
namespace {

using testing::HasSubstr;

IngestManifest two_tiles() {
  IngestManifest manifest;
  manifest.ingest_id = "farm-0123456789ab";
  manifest.ingested_at = "2026-01-02T03:04:05Z";
  manifest.source = {{"uri", "farm.tif"}};
  for (const char* id : {"bb", "aa"}) {
    TileRow row;
    row.tile_id = id;
    row.tile_key = std::string("key-") + id;
    row.uri = "x/y";
    row.bytes = 10;
    row.ingest_id = manifest.ingest_id;
    row.farm = "Kloof";
    row.lon = 18.9;
    row.lat = -33;
    row.ndvi_mean = id[0] == 'a' ? std::numeric_limits<double>::quiet_NaN() : 0.1 + 0.2;
    row.ndre_mean = std::numeric_limits<double>::quiet_NaN();
    row.band_mean["red"] = id[0] == 'a' ? 3.0 : 1.0 / 3;
    row.band_sd["red"] = 1;
    row.phash = 0xf000000000000001ULL;
    row.cut_by_edge = id[0] == 'a';
    row.meta = {{"block", "A3"}};
    manifest.rows.push_back(row);
  }
  return manifest;
}

TEST(Manifest, every_column_comes_back_in_the_order_of_tiles) {
  const IngestManifest manifest = two_tiles();
  const auto bytes = to_bytes(manifest);
  const IngestManifest back = manifest_from_bytes("m", bytes);
  EXPECT_EQ(back.ingest_id, manifest.ingest_id);
  ASSERT_EQ(back.rows.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i)
    for (const TileColumn& column : tile_columns())
      EXPECT_EQ(column.get(back.rows[i]), column.get(manifest.rows[1 - i])) << column.name;
  EXPECT_EQ(to_bytes(back), bytes);
}

TEST(Manifest, what_all_tiles_share_stands_once) {
  const auto bytes = to_bytes(two_tiles());
  const auto document = nlohmann::json::parse(bytes);
  EXPECT_EQ(document["common"]["farm"], "Kloof");
  EXPECT_FALSE(document["tiles"][0].contains("farm"));
  EXPECT_EQ(document["tiles"][0]["tile_id"], "aa");
}

TEST(Manifest, whatever_is_altered_is_noticed) {
  const auto bytes = to_bytes(two_tiles());
  const auto refused = [](const std::string& text) {
    return error_of([&] {
      manifest_from_bytes("ingests/m.json",
                          {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    });
  };
  std::string text(bytes.begin(), bytes.end());
  text.replace(text.find("Kloof"), 5, "Kluuf");
  EXPECT_THAT(refused(text),
              HasSubstr("ingests/m.json: its content is not what its content_sha256 says"));
  EXPECT_THAT(refused("{}"), HasSubstr("is not a manifest"));
  EXPECT_THAT(refused("[[["), HasSubstr("is not a manifest"));
  EXPECT_THAT(refused(R"({"kind": "canopy ingest", "schema": 2})"),
              HasSubstr("has schema 2; this canopy reads schema 1"));
  const std::string hash = sha256_hex(std::string_view(R"({"kind":"canopy ingest","schema":1})"));
  EXPECT_THAT(refused(R"({"kind":"canopy ingest","schema":1,"content_sha256":")" + hash + "\"}"),
              HasSubstr("lacks what a manifest must have"));
}

}  // namespace
}  // namespace canopy
