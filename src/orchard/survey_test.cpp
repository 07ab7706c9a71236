// SPDX-License-Identifier: Apache-2.0
#include "orchard/survey.h"

#include <gtest/gtest.h>

namespace canopy {
namespace {

TEST(RowFrame, rows_that_run_east_west_count_from_the_south_and_their_trees_from_the_east) {
  const RowFrame frame = row_frame(0);
  EXPECT_NEAR(frame.along.x, -1, 1e-12);
  EXPECT_NEAR(frame.across.y, 1, 1e-12);
}

TEST(RowFrame, rows_that_run_north_south_count_from_the_east_and_their_trees_from_the_south) {
  const RowFrame frame = row_frame(90);
  EXPECT_NEAR(frame.along.y, 1, 1e-12);
  EXPECT_NEAR(frame.across.x, -1, 1e-12);
}

TEST(RowFrame, both_directions_lead_away_from_the_south_east_at_any_angle) {
  for (int angle = 0; angle < 180; ++angle) {
    const RowFrame frame = row_frame(angle);
    EXPECT_LE(frame.along.x - frame.along.y, 1e-9) << angle;
    EXPECT_LE(frame.across.x - frame.across.y, 1e-9) << angle;
    EXPECT_NEAR(frame.along.x * frame.across.x + frame.along.y * frame.across.y, 0, 1e-12) << angle;
  }
}

TEST(RowFrame, a_neutral_direction_leads_north) {
  EXPECT_GT(row_frame(45).along.y, 0);
  EXPECT_GT(row_frame(135).across.y, 0);
}

TEST(Survey, statuses_and_classes_have_the_names_that_files_use) {
  EXPECT_STREQ(name_of(TreeStatus::Alive), "alive");
  EXPECT_STREQ(name_of(TreeStatus::Dead), "dead");
  EXPECT_STREQ(name_of(TreeStatus::Missing), "missing");
  EXPECT_STREQ(name_of(HealthClass::Unknown), "unknown");
  EXPECT_STREQ(name_of(HealthClass::Poor), "poor");
  EXPECT_STREQ(name_of(HealthClass::Fair), "fair");
  EXPECT_STREQ(name_of(HealthClass::Good), "good");
}

}  // namespace
}  // namespace canopy
