// SPDX-License-Identifier: Apache-2.0
#include "insight/tree_choice.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_for_test.h"
#include "orchard/grove.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ChosenTrees : public testing::Test {
 protected:
  ChosenTrees() {
    survey_ = plant(R"(
        o o _ o
        o x o o )",
                    {.crs = "EPSG:32734"})
                  .survey();
    for (Tree& tree : survey_.trees)
      tree.health = tree.status == TreeStatus::Dead ? 0 : tree.id == 4 ? 0.3 : 0.98;
  }
  std::vector<std::string> names(const TreeChoice& choice) const {
    std::vector<std::string> result;
    for (const Tree& t : choose_trees(survey_, choice))
      result.push_back(std::to_string(t.row_index) + "/" + std::to_string(t.tree_index) + " " +
                       name_of(t.status));
    return result;
  }
  Survey survey_;
};

TEST_F(ChosenTrees, dead_and_missing_trees_come_in_planting_order) {
  EXPECT_THAT(names({}), ElementsAre("1/3 dead", "2/2 missing"));
}

TEST_F(ChosenTrees, weak_ones_join_and_a_status_alone_is_enough) {
  EXPECT_THAT(names({{"missing"}, 0.5, {}}), ElementsAre("1/4 alive", "2/2 missing"));
  EXPECT_EQ(names({{"alive"}, 0, {"1"}}).size(), 6u);
  EXPECT_EQ(names({{}, 0, {}}).size(), 0u);
}

TEST_F(ChosenTrees, know_where_on_earth_they_are) {
  const auto trees = choose_trees(survey_, {});
  EXPECT_NEAR(trees[1].lng, 21.0, 0.001);  // the zone's middle: 500,000 m east
  EXPECT_NEAR(trees[1].lat, -34.3, 0.2);
}

TEST_F(ChosenTrees, a_wrong_choice_is_named) {
  EXPECT_THAT(error_of([&] {
                names({{"ded"}, 0, {}});
              }),
              HasSubstr("status: 'ded' is none of alive, dead, missing; did you mean 'dead'?"));
  EXPECT_THAT(error_of([&] { names({{}, 40, {}}); }), HasSubstr("health is between 0 and 1"));
  EXPECT_THAT(error_of([&] {
                names({{}, 0, {"2"}});
              }),
              HasSubstr("blocks: '2' is no block of this survey; it has 1"));
  for (Tree& tree : survey_.trees) tree.health = NAN;
  EXPECT_THAT(error_of([&] { names({{}, 0.4, {}}); }), HasSubstr("no tree has a health"));
}

}  // namespace
}  // namespace canopy
