// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "base/hash.h"
#include "catalog/catalog.h"

// A small catalog that people can read, for tests: two farms, three mosaics, one picture labelled
// twice.
//
//   ingest     crop    orchard  source     tiles  gsd_m  trees per tile
//   2024-alder walnut  Alder    alder.tif  0..5   0.05   10, 11, 12, 13, 14, 15
//   2024-birch walnut  Birch    birch.tif  0..3   0.12   20, 21, 22, 23
//   2025-lemon citrus  Lemon    lemon.tif  0..4   0.04   30, 31, 32, 33, 34   (boxes, no near
//   infrared) 2025-fixed walnut  Alder    alder.tif  0      0.05   9                    (revision 2
//   of alder's tile 0)

namespace canopy {

/// A folder that is gone when the test ends.
class ScratchFolder {
 public:
  ScratchFolder() {
    static std::atomic<int> counter{0};
    path_ = std::filesystem::temp_directory_path() /
            ("canopy_catalog_" + std::to_string(::getpid()) + "_" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Tile `number` of a mosaic under one revision of its labels.
inline TileRow sample_row(const std::string& ingest, const std::string& orchard, int number) {
  TileRow row;
  row.ingest_id = ingest;
  row.orchard = orchard;
  row.source_uri = orchard + ".tif";
  row.source_sha256 = sha256_hex(row.source_uri);
  const std::string picture = orchard + "/" + std::to_string(number);
  row.tile_key = sha256_hex(picture);
  row.tile_id = sha256_hex(picture + "/" + ingest);
  row.uri = row.tile_id.substr(0, 2) + "/" + row.tile_id.substr(2) + ".example.gz";
  row.bytes = 1000 + number;
  row.window_x = 448 * number;
  row.survey_id = "survey-" + ingest;
  row.ingested_at = ingest.substr(0, 4) + "-06-01T08:00:00Z";
  row.label_kind = "mask";
  row.farm = "Hill";
  row.crop = "walnut";
  row.country = "ZA";
  row.crs = "EPSG:32734";
  row.bands = "green,red,nir";
  row.dtype = "uint8";
  row.width_px = row.height_px = 512;
  for (const char* band : {"green", "red", "nir"}) {
    row.band_mean[band] = 100 + number;
    row.band_sd[band] = 10;
  }
  row.ndvi_mean = 0.5 + 0.01 * number;
  row.ndre_mean = std::numeric_limits<double>::quiet_NaN();
  row.phash = 0xF000000000000000u + static_cast<std::uint64_t>(number);
  row.touching_fraction = 0.1 * number;
  row.meta = {{"block", "A" + std::to_string(number)}};
  return row;
}

inline std::vector<TileRow> sample_ingest(const std::string& ingest) {
  std::vector<TileRow> rows;
  const auto add = [&](const std::string& orchard, int count, double gsd_m, int trees) {
    for (int i = 0; i < count; ++i) {
      TileRow& row = rows.emplace_back(sample_row(ingest, orchard, i));
      row.gsd_m = gsd_m;
      row.tree_count = trees + i;
    }
  };
  if (ingest == "2024-alder") add("Alder", 6, 0.05, 10);
  if (ingest == "2024-birch") add("Birch", 4, 0.12, 20);
  if (ingest == "2025-fixed") {
    add("Alder", 1, 0.05, 9);
    rows[0].label_revision = 2;
  }
  if (ingest == "2025-lemon") add("Lemon", 5, 0.04, 30);
  for (TileRow& row : rows) {
    if (ingest != "2025-lemon") continue;
    row.farm = "Valley";
    row.crop = "citrus";
    row.label_kind = "box";
    row.bands = "red,green,blue";
    row.band_mean = {{"red", 90.0}, {"green", 95.0}, {"blue", 80.0}};
    row.band_sd = {{"red", 9.0}, {"green", 9.5}, {"blue", 8.0}};
    row.ndvi_mean = std::numeric_limits<double>::quiet_NaN();
  }
  return rows;
}

/// The whole sample in `folder`; made once a process, then copied.
inline Catalog sample_catalog(const std::filesystem::path& folder) {
  static const ScratchFolder model;
  [[maybe_unused]] static const bool made = [] {
    Catalog catalog = Catalog::open(model.path().string());
    for (const char* ingest : {"2024-alder", "2024-birch", "2025-lemon", "2025-fixed"})
      catalog.commit_part(ingest, sample_ingest(ingest));
    return true;
  }();
  std::filesystem::create_directories(folder);
  std::filesystem::copy(model.path(), folder, std::filesystem::copy_options::recursive);
  return Catalog::open(folder.string());
}

}  // namespace canopy
