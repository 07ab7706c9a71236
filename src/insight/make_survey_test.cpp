// SPDX-License-Identifier: Apache-2.0
#include "insight/make_survey.h"

#include <cmath>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "base/error.h"
#include "geo/raster_writer.h"
#include "orchard/synthetic_files.h"
#include "orchard/synthetic_orchard.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// A rendered orchard on disk, its truth, and the survey that a perfect model would lead to.
class MakeSurvey : public testing::Test {
 protected:
  void build(const std::string& preset, int seed, double size_m, bool with_dtm) {
    folder_ = fs::path(testing::TempDir()) / ("make_survey_" + preset);
    fs::remove_all(folder_);
    SyntheticOptions options;
    options.preset = preset;
    options.seed = seed;
    options.width_m = options.height_m = size_m;
    const SyntheticOrchard orchard(options);
    const SyntheticPlace place;
    write_synthetic_orchard(orchard, folder_, place, no_progress());
    truth_ = orchard.truth(place.crs, place.origin);
    const Raster labels = Raster::open(folder_ / "truth_ids.tif"),
                 ortho = Raster::open(folder_ / "ortho.tif"),
                 dsm = Raster::open(folder_ / "dsm.tif"), dtm = Raster::open(folder_ / "dtm.tif");
    SurveyInput input;
    input.labels = &labels;
    input.ortho = &ortho;
    input.dsm = &dsm;
    if (with_dtm) input.dtm = &dtm;
    input.survey_id = preset;
    survey_ = make_survey(input, {}, no_progress());
    for (const Tree& tree : truth_.trees) true_[tree.id] = &tree;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
  Survey truth_, survey_;
  std::map<std::int64_t, const Tree*> true_;
};

TEST_F(MakeSurvey, measures_agree_with_the_truth) {
  build("citrus", 3, 60, true);
  ASSERT_EQ(survey_.trees.size(), truth_.trees.size());
  EXPECT_EQ(survey_.crs_wkt, "EPSG:32734");
  for (const Tree& tree : survey_.trees) {
    const Tree& wanted = *true_.at(tree.id);
    EXPECT_NEAR(tree.area_m2, wanted.area_m2, 1e-3 * wanted.area_m2);
    EXPECT_NEAR(tree.position.x, wanted.position.x, 0.01);
    EXPECT_NEAR(tree.ndvi, wanted.ndvi, 1e-3);
    EXPECT_NEAR(tree.ndre, wanted.ndre, 1e-3);
    EXPECT_NEAR(tree.volume_m3, wanted.volume_m3, 0.05 * wanted.volume_m3 + 0.1);
    EXPECT_NEAR(tree.lat, wanted.lat, 1e-6);
  }
  EXPECT_GT(survey_.rows.size(), 4u);
  EXPECT_NEAR(survey_.canopy_cover, truth_.canopy_cover, 0.25 * truth_.canopy_cover);
}

TEST_F(MakeSurvey, dead_and_sick_trees_are_told_from_the_spectrum) {
  build("sick", 2, 100, false);
  int dead = 0, dead_right = 0, dead_found = 0, poor = 0, poor_found = 0, good_called_poor = 0,
      good = 0;
  double volume = 0, true_volume = 0;
  for (const Tree& tree : survey_.trees) {
    const Tree& wanted = *true_.at(tree.id);
    const bool is_dead = wanted.status == TreeStatus::Dead,
               called_dead = tree.status == TreeStatus::Dead;
    dead += is_dead;
    dead_found += called_dead;
    dead_right += is_dead && called_dead;
    volume += tree.volume_m3;
    true_volume += wanted.volume_m3;
    if (is_dead) continue;
    const bool called_poor = tree.health_class == HealthClass::Poor;
    poor += wanted.health_class == HealthClass::Poor;
    poor_found += wanted.health_class == HealthClass::Poor && called_poor;
    good += wanted.health_class == HealthClass::Good;
    good_called_poor += wanted.health_class == HealthClass::Good && called_poor;
  }
  std::printf(
      "dead %d, called dead %d of which right %d; poor %d of which found %d; good %d of which "
      "called poor %d; "
      "volume without terrain model %.3f of the truth\n",
      dead,
      dead_found,
      dead_right,
      poor,
      poor_found,
      good,
      good_called_poor,
      volume / true_volume);
  ASSERT_GT(dead, 3);
  ASSERT_GT(poor, 10);
  EXPECT_GE(dead_right, 0.9 * dead);
  EXPECT_LE(dead_found - dead_right, 0.1 * dead);
  EXPECT_GE(poor_found, 0.8 * poor);
  EXPECT_LE(good_called_poor, 0.02 * good);
  EXPECT_NEAR(volume / true_volume, 1, 0.1);
}

/// A raster of 20 x 20 m at `x`, one band.
fs::path small_raster(const std::string& name, const std::string& crs, double x) {
  const fs::path path = fs::path(testing::TempDir()) / ("make_survey_input_" + name);
  RasterSpec spec;
  spec.width = spec.height = 40;
  spec.type = RasterType::UInt16;
  spec.bands = {"pan"};
  spec.crs = crs;
  spec.world_from_pixel = {{x, 0.5, 0, 6240000, 0, -0.5}};
  RasterWriter writer(path, spec);
  const std::vector<std::uint16_t> zeros(1600, 0);
  writer.write({0, 0, 40, 40}, zeros.data());
  writer.finish();
  return path;
}

TEST(MakeSurveyInput, rasters_that_do_not_lie_on_the_labels_are_refused) {
  const Raster labels = Raster::open(small_raster("labels.tif", "EPSG:32734", 300000));
  const Raster elsewhere = Raster::open(small_raster("elsewhere.tif", "EPSG:32734", 400000));
  const Raster in_another = Raster::open(small_raster("zone.tif", "EPSG:32735", 300000));
  SurveyInput input;
  input.survey_id = "x";
  input.labels = &labels;
  input.ortho = &elsewhere;
  EXPECT_THROW(make_survey(input, {}, no_progress()), Error);
  input.ortho = &in_another;
  EXPECT_THROW(make_survey(input, {}, no_progress()), Error);
  input.ortho = &labels;
  EXPECT_TRUE(make_survey(input, {}, no_progress()).trees.empty());
  for (const Raster* raster : {&labels, &elsewhere, &in_another}) fs::remove(raster->path());
}

}  // namespace
}  // namespace canopy
