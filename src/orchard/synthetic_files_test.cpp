// SPDX-License-Identifier: Apache-2.0
#include "orchard/synthetic_files.h"

#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "geo/raster.h"
#include "geo/vector_file.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

TEST(SyntheticFiles, what_is_written_reads_back_as_it_was_rendered) {
  const fs::path folder =
      fs::temp_directory_path() / ("canopy_synth_" + std::to_string(::getpid()));
  SyntheticOptions options;
  options.width_m = options.height_m = 30;
  const SyntheticOrchard orchard(options);
  const SyntheticPlace place;
  write_synthetic_orchard(orchard, folder, place, no_progress());

  const Raster ortho = Raster::open(folder / "ortho.tif");
  EXPECT_EQ(ortho.bands(), (std::vector<std::string>{"blue", "green", "red", "red_edge", "nir"}));
  EXPECT_EQ(ortho.dtype(), "uint16");
  EXPECT_NEAR(ortho.gsd_m(), 0.1, 1e-4);
  EXPECT_EQ(ortho.crs(), place.crs);
  const Window corner{10, 20, 64, 64};
  const SyntheticTile tile = orchard.render(corner);
  const Pixels pixels = ortho.read(corner, {0, 1, 2, 3, 4});
  for (std::size_t i = 0; i < tile.planes.size(); ++i) ASSERT_EQ(pixels.values[i], tile.planes[i]);

  const VectorLayer crowns = read_vector(folder / "crowns.gpkg", "crowns");
  EXPECT_EQ(crowns.features.size(), orchard.truth(place.crs, place.origin).trees.size());
  const auto summary = nlohmann::json::parse(read_file(folder / "orchard.json"));
  EXPECT_EQ(summary.at("trees"), crowns.features.size());
  fs::remove_all(folder);
}

}  // namespace
}  // namespace canopy
