// SPDX-License-Identifier: Apache-2.0
#include "insight/rate_zones.h"

#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "geo/vector_file.h"
#include "geo/zip_file.h"
#include "insight/polygon_sets.h"
#include "insight/taskdata.h"
#include "orchard/grove.h"
#include "orchard/synthetic_orchard.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// Two halves of four hectares: the western trees are weak.
Survey halves() {
  std::string drawing;
  for (int line = 0; line < 20; ++line) drawing += std::string(20, 'o') + "\n";
  Survey survey = plant(drawing, {.cell_m = 10, .crs = "EPSG:32734"}).survey();
  for (Tree& tree : survey.trees) tree.health = tree.position.x < 500100 ? 0.4 : 0.98;
  return survey;
}

TEST(RateZones, weak_and_strong_halves_get_their_rates) {
  const RateMap map = rate_map(halves(), {.rates = {120, 60}});
  ASSERT_EQ(map.zones.size(), 2u);
  EXPECT_NEAR(map.area_ha(), 4, 0.01);
  EXPECT_NEAR(map.zones[0].area_ha, 2, 0.11);
  EXPECT_NEAR(map.zones[0].product_kg, 120 * map.zones[0].area_ha, 1e-9);
  EXPECT_NEAR(map.product_kg(), 360, 8);
  EXPECT_LT(map.zones[0].to, map.zones[1].from);
}

class RandomRateZones : public testing::TestWithParam<int> {};

TEST_P(RandomRateZones, cover_the_field_once_and_add_up_to_its_cells) {
  SyntheticOptions orchard;
  orchard.preset = GetParam() % 2 ? "two_blocks" : "sick";
  orchard.seed = GetParam();
  orchard.width_m = orchard.height_m = 80;
  orchard.gsd_m = 0.4;
  const Survey survey = SyntheticOrchard(orchard).truth("EPSG:32734", {300000, 6240000});
  FertiliserOptions options;
  options.by = "area";
  options.breaks = GetParam() % 3 ? "quantiles" : "jenks";
  options.cell_m = 4 + GetParam();
  options.rates = {150, 120, 90, 0};
  const RateMap map = rate_map(survey, options);

  std::vector<double> of_cells(options.rates.size() + 1, 0);
  for (std::size_t k = 0; k < map.grid.zone.size(); ++k)
    of_cells[static_cast<std::size_t>(map.grid.zone[k])] += map.grid.area_m2[k];
  std::vector<Polygon> all;
  for (const RateZone& zone : map.zones) {
    EXPECT_NEAR(zone.area_ha * 10000, of_cells[static_cast<std::size_t>(zone.zone)], 0.01);
    EXPECT_NEAR(ground_m2(common(all, zone.parts), map), 0, 1e-3);
    all.insert(all.end(), zone.parts.begin(), zone.parts.end());
  }
  EXPECT_NEAR(ground_m2(without(map.field, all), map), 0, 1e-2);
  EXPECT_NEAR(ground_m2(without(all, map.field), map), 0, 1e-2);
  double outlines = 0;
  for (const Block& block : survey.blocks) outlines += area_of(block.outline);
  EXPECT_NEAR(map.area_ha() * 10000, outlines, 2e-3 * outlines);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomRateZones, testing::Range(1, 7));

TEST(RateZones, files_hold_the_same_totals_for_every_kind_of_terminal) {
  const fs::path folder = fs::path(testing::TempDir()) / "rate_zones";
  fs::remove_all(folder);
  const Survey survey = halves();
  const FertiliserOptions options{.product = "KAN <27>", .rates = {120, 60}};
  const RateMap map = rate_map(survey, options);
  const auto record = write_rate_map(map, survey, options, folder);
  EXPECT_EQ(record["files"].size(), 5u);
  EXPECT_NEAR(record["figures"]["product_kg"], map.product_kg(), 1e-9);

  double kg = 0;
  for (const Feature& f : read_vector(folder / "fertiliser.geojson").features)
    kg += std::get<double>(f.attributes.at("product_kg"));
  EXPECT_NEAR(kg, map.product_kg(), 1e-3);
  EXPECT_EQ(read_vector(folder / "fertiliser.shp.zip").features.size(),
            map.zones[0].parts.size() + map.zones[1].parts.size());
  std::set<std::string> flat, rx;
  for (const ZipMember& m : read_zip(folder / "fertiliser.shp.zip")) flat.insert("Rx/" + m.name);
  for (const ZipMember& m : read_zip(folder / "fertiliser_rx.zip")) rx.insert(m.name);
  EXPECT_EQ(flat, rx);
  EXPECT_TRUE(rx.contains("Rx/fertiliser.shp") && rx.contains("Rx/fertiliser.prj"));

  const TaskGrid task = read_taskdata(folder / "TASKDATA");
  EXPECT_EQ(task.columns, map.grid.columns);
  EXPECT_NEAR(task.corner.y, map.grid.corner.y, 1e-9);
  double grid_kg = 0;
  for (std::size_t k = 0; k < task.rates_mg_m2.size(); ++k)
    grid_kg += task.rates_mg_m2[k] * 1e-6 * map.grid.area_m2[k];
  EXPECT_NEAR(grid_kg, map.product_kg(), 1e-3);
  fs::remove_all(folder);
}

TEST(RateZones, a_map_that_cannot_be_gets_one_clear_line) {
  Survey survey = halves();
  const auto refusal = [&](const FertiliserOptions& options) {
    return error_of([&] { rate_map(survey, options); });
  };
  EXPECT_THAT(refusal({.rates = {}}), HasSubstr("rates: give one to nine"));
  EXPECT_THAT(refusal({.rates = {-1}}), HasSubstr("is no rate in kg/ha"));
  EXPECT_THAT(refusal({.cell_m = 0.5}), HasSubstr("narrower than any spreader"));
  EXPECT_THAT(refusal({.by = "colour"}), HasSubstr("by: 'colour' is unknown"));
  for (Tree& tree : survey.trees) tree.volume_m3 = 0;
  EXPECT_THAT(refusal({.by = "volume"}), HasSubstr("no living tree has a volume"));
  for (Tree& tree : survey.trees) tree.health = NAN;
  EXPECT_THAT(refusal({}), HasSubstr("no living tree has a health"));
  Point& far_corner = survey.blocks[0].outline.rings[0][2];
  far_corner = {far_corner.x + 9000, far_corner.y + 9000};
  EXPECT_THAT(refusal({.by = "area", .cell_m = 1}), HasSubstr("give a wider cell"));
  survey.blocks[0].outline = {};
  EXPECT_THAT(refusal({}), HasSubstr("no block with an outline"));
}

TEST(Taskdata, what_is_no_task_is_refused) {
  const fs::path folder = fs::path(testing::TempDir()) / "taskdata_refused";
  const FertiliserOptions options{.rates = {120, 60}};
  write_taskdata(rate_map(halves(), options), "field", "product", folder);
  fs::resize_file(folder / "GRD00001.BIN", 8);
  EXPECT_THAT(error_of([&] { read_taskdata(folder); }), HasSubstr("not as long as its grid"));
  fs::resize_file(folder / "TASKDATA.XML", 40);
  EXPECT_THAT(error_of([&] { read_taskdata(folder); }), HasSubstr("no task with a grid of type 2"));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace canopy
