// SPDX-License-Identifier: Apache-2.0
#include "ingest/run_length.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/ingest_fixture.h"

namespace canopy {
namespace {

using testing::HasSubstr;

// 12 x 9: a 4 x 4 square with a hole of one pixel, and a 3 x 3 corner; text by pycocotools 2.0.
const char* const kText = "c045ML14200P1OQO000";
const std::vector<std::int64_t> kRuns = {19, 4, 5, 1, 1, 2, 5, 4, 5, 4, 37, 3, 6, 3, 6, 3};

TEST(RunLength, compressed_text_is_read_as_pycocotools_wrote_it) {
  EXPECT_EQ(runs_from_text(kText), kRuns);
}

TEST(RunLength, pieces_become_outlines_along_pixel_edges_with_their_holes) {
  const auto parts = outlines_of_runs(kRuns, 12, 9);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_DOUBLE_EQ(area_of(parts[0]) + area_of(parts[1]), 24);
  const Bounds square = bounds_of({parts[0]}), corner = bounds_of({parts[1]});
  EXPECT_EQ(parts[0].rings.size(), 2U);
  EXPECT_EQ(square.xmin, 2);
  EXPECT_EQ(square.ymin, 1);
  EXPECT_EQ(square.xmax, 6);
  EXPECT_EQ(square.ymax, 5);
  EXPECT_EQ(corner.xmin, 9);
  EXPECT_EQ(corner.ymax, 9);
}

TEST(RunLength, an_empty_mask_has_no_outline) {
  EXPECT_TRUE(outlines_of_runs({108}, 12, 9).empty());
}

TEST(RunLength, runs_that_do_not_fill_the_picture_are_refused) {
  EXPECT_THAT(error_of([] {
                outlines_of_runs({5, 5}, 12, 9);
              }),
              HasSubstr("make 10 pixels, the picture has 108"));
  EXPECT_THAT(error_of([] { outlines_of_runs({5, -5, 108}, 12, 9); }), HasSubstr("negative"));
  EXPECT_THAT(error_of([] {
                outlines_of_runs({INT64_MAX, INT64_MAX}, 12, 9);
              }),
              HasSubstr("longer"));
}

TEST(RunLength, text_that_is_none_is_refused) {
  EXPECT_THAT(error_of([] { runs_from_text("c0\x01"); }), HasSubstr("none of theirs"));
  EXPECT_THAT(error_of([] { runs_from_text("P"); }), HasSubstr("end within a number"));
  EXPECT_THAT(error_of([] { runs_from_text(std::string(40, 'o')); }),
              HasSubstr("end within a number"));
}

}  // namespace
}  // namespace canopy
