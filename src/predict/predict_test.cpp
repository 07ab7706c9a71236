// SPDX-License-Identifier: Apache-2.0
#include "predict/predict.h"

#include <unistd.h>

#include <csignal>
#include <map>

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/options.h"
#include "geo/raster_writer.h"
#include "orchard/grove.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// A model that looks the truth up: every crown that is visible in the window, cut crowns as far as
/// they are seen.
class PerfectModel {
 public:
  explicit PerfectModel(const Grove& grove) : grove_(grove) {}

  Instances operator()(const at::Tensor&, const Window& window) const {
    constexpr int kMask = 28;
    const auto ids = grove_.id_map(window);
    struct Box {
      int x0 = 1 << 30, y0 = 1 << 30, x1 = 0, y1 = 0;
    };
    std::map<std::uint32_t, Box> boxes;
    for (int y = 0; y < window.height; ++y)
      for (int x = 0; x < window.width; ++x)
        if (const std::uint32_t id = ids[static_cast<std::size_t>(y * window.width + x)]) {
          Box& box = boxes[id];
          box = {std::min(box.x0, x),
                 std::min(box.y0, y),
                 std::max(box.x1, x + 1),
                 std::max(box.y1, y + 1)};
        }
    const auto n = static_cast<std::int64_t>(boxes.size());
    Instances found{at::zeros({n, 4}),
                    at::full({n}, 0.9),
                    at::ones({n}, at::kLong),
                    at::zeros({n, kMask, kMask})};
    std::int64_t k = 0;
    for (const auto& [id, box] : boxes) {
      float* row = found.boxes.data_ptr<float>() + 4 * k;
      row[0] = static_cast<float>(box.x0), row[1] = static_cast<float>(box.y0);
      row[2] = static_cast<float>(box.x1), row[3] = static_cast<float>(box.y1);
      float* mask = found.masks.data_ptr<float>() + k * kMask * kMask;
      for (int v = 0; v < kMask; ++v)
        for (int u = 0; u < kMask; ++u) {
          const int x = box.x0 + (2 * u + 1) * (box.x1 - box.x0) / (2 * kMask);
          const int y = box.y0 + (2 * v + 1) * (box.y1 - box.y0) / (2 * kMask);
          mask[v * kMask + u] =
              ids[static_cast<std::size_t>(y * window.width + x)] == id ? 1.0f : 0.0f;
        }
      ++k;
    }
    return found;
  }

 private:
  const Grove& grove_;
};

class PredictTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("canopy_predict_" + std::to_string(::getpid()));
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write_mosaic(const Grove& grove) {
    RasterSpec spec;
    spec.width = grove.width_px();
    spec.height = grove.height_px();
    spec.bands = {"blue", "green", "red", "red_edge", "nir"};
    spec.crs = "EPSG:32734";
    spec.world_from_pixel = grove.world_from_pixel();
    RasterWriter writer(folder_ / "mosaic.tif", spec);
    writer.write(grove.window(), grove.tile(grove.window()).planes.data());
    writer.finish();
    return folder_ / "mosaic.tif";
  }

  ModelInfo info() const {
    ModelInfo info;
    info.bands = {"blue", "green", "red", "red_edge", "nir"};
    return info;
  }

  fs::path folder_;
};

/// The IoU of each tree of the grove with the one id that covers most of it; 0 where another tree
/// has that id too.
std::vector<double> overlaps(const Grove& grove, const std::vector<std::uint32_t>& found) {
  const auto truth = grove.id_map();
  std::map<std::uint32_t, double> truth_px, found_px;
  std::map<std::uint32_t, std::map<std::uint32_t, double>> common;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i]) ++truth_px[truth[i]];
    if (found[i]) ++found_px[found[i]];
    if (truth[i] && found[i]) ++common[truth[i]][found[i]];
  }
  std::map<std::uint32_t, int> owners;
  std::vector<double> result;
  for (const auto& [id, area] : truth_px) {
    std::uint32_t best = 0;
    double shared = 0;
    for (const auto& [other, px] : common[id])
      if (px > shared) shared = px, best = other;
    const bool is_doubled = best == 0 || ++owners[best] > 1;
    result.push_back(is_doubled ? 0 : shared / (area + found_px[best] - shared));
  }
  return result;
}

TEST_F(PredictTest, a_grove_comes_out_whole_whatever_the_tiles) {
  const Grove grove = plant(R"(
      . o O o . O o .
      O o . o O O o O
      o . x o . o O .
      . O o O o _ o o
      o o O . O o . O
      . o . O o o O o )",
                            {.cell_m = 4, .large_radius_m = 2.1});
  const Raster mosaic = Raster::open(write_mosaic(grove));
  for (const int tile_size : {160, 192, 256, 512}) {
    PredictOptions options;
    options.tile_size_px = tile_size;
    options.halo_px = 24;
    const Prediction prediction = predict_mosaic_with(mosaic,
                                                      info(),
                                                      PerfectModel(grove),
                                                      {0.1, 0, "given"},
                                                      options,
                                                      folder_ / "labels.tif",
                                                      no_progress());
    EXPECT_EQ(prediction.trees.size(), grove.trees().size()) << tile_size;
    const Raster labels = Raster::open(folder_ / "labels.tif");
    EXPECT_EQ(labels.crs(), "EPSG:32734");
    EXPECT_THAT(overlaps(grove, labels.read_ids(labels.window())), testing::Each(testing::Ge(0.85)))
        << tile_size;
  }
}

TEST_F(PredictTest, a_coarser_working_grid_lies_on_the_same_ground) {
  const Grove grove = plant(R"(
      O . O
      . O . )",
                            {.cell_m = 6});
  const Raster mosaic = Raster::open(write_mosaic(grove));
  std::vector<Window> asked;
  const TileModel none = [&](const at::Tensor& planes, const Window& window) {
    asked.push_back(window);
    EXPECT_EQ(planes.size(2), window.height);
    return Instances{
        at::zeros({0, 4}), at::zeros({0}), at::zeros({0}, at::kLong), at::zeros({0, 28, 28})};
  };
  const Prediction prediction = predict_mosaic_with(mosaic,
                                                    info(),
                                                    none,
                                                    {0.25, 0, "given"},
                                                    PredictOptions{},
                                                    folder_ / "labels.tif",
                                                    no_progress());
  EXPECT_EQ(prediction.grid.width, 72);
  EXPECT_TRUE(prediction.trees.empty());
  EXPECT_EQ(asked.size(), 1u);
  const Raster labels = Raster::open(folder_ / "labels.tif");
  EXPECT_NEAR(labels.gsd_m(), 0.25, 1e-6);
  EXPECT_EQ(labels.world_from_pixel().world_from_pixel(0, 0),
            mosaic.world_from_pixel().world_from_pixel(0, 0));
}

TEST_F(PredictTest, when_interrupted_nothing_is_written) {
  const Grove grove = plant("O O", {.cell_m = 4});
  const Raster mosaic = Raster::open(write_mosaic(grove));
  set_interrupted(SIGINT);
  EXPECT_THROW(predict_mosaic_with(mosaic,
                                   info(),
                                   PerfectModel(grove),
                                   {0.1, 0, "given"},
                                   PredictOptions{},
                                   folder_ / "labels.tif",
                                   no_progress()),
               Error);
  set_interrupted(0);
  EXPECT_FALSE(fs::exists(folder_ / "labels.tif"));
}

TEST_F(PredictTest, after_a_break_the_model_is_not_asked_again_and_the_map_is_the_same) {
  const Grove grove = plant(R"(
      . o O o . O o .
      O o . o O O o O
      . O o O o _ o o )",
                            {.cell_m = 4});
  const Raster mosaic = Raster::open(write_mosaic(grove));
  const PerfectModel perfect(grove);
  PredictOptions options;
  options.tile_size_px = 160;
  options.halo_px = 24;
  int asked = 0, until = 1000;
  const TileModel counted = [&](const at::Tensor& planes, const Window& window) {
    if (++asked == until) set_interrupted(SIGINT);
    return perfect(planes, window);
  };
  const auto run = [&](const char* name) {
    predict_mosaic_with(
        mosaic, info(), counted, {0.1, 0, "given"}, options, folder_ / name, no_progress());
  };
  run("whole.tif");
  const int tiles = asked;
  ASSERT_GT(tiles, 4);
  asked = 0;
  until = 3;
  EXPECT_THROW(run("labels.tif"), Error);
  set_interrupted(0);
  EXPECT_FALSE(fs::exists(folder_ / "labels.tif"));
  ASSERT_TRUE(fs::exists(folder_ / "labels.tif.tiles/1.tile"));
  write_file(folder_ / "labels.tif.tiles/1.tile", "torn");  // asked again
  until = 1000;
  asked = 0;
  run("labels.tif");
  EXPECT_EQ(asked, tiles - 2);
  EXPECT_EQ(sha256_of_file(folder_ / "labels.tif"), sha256_of_file(folder_ / "whole.tif"));
  EXPECT_FALSE(fs::exists(folder_ / "labels.tif.tiles"));

  asked = 0;
  until = 3;
  EXPECT_THROW(run("labels.tif"), Error);
  set_interrupted(0);
  options.min_crown_px = 30;  // another result, so another journal
  until = 1000;
  asked = 0;
  run("labels.tif");
  EXPECT_EQ(asked, tiles);
}

TEST_F(PredictTest, options_out_of_range_are_refused) {
  for (const auto& [key, value] : std::map<std::string, std::string>{
           {"working-gsd", "-1"}, {"score-threshold", "1"}, {"halo", "-1"}, {"min-crown", "0"}}) {
    PredictOptions options;
    Fields(options).set(key, value);
    EXPECT_THROW(options.validate(), Error) << key;
  }
}

}  // namespace
}  // namespace canopy
