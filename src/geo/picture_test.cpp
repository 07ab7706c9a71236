// SPDX-License-Identifier: Apache-2.0
#include "geo/picture.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "geo/gdal_fixture_test.h"
#include "geo/raster.h"

namespace canopy {
namespace {

using PictureTest = FolderTest;
constexpr Colour kRed = {255, 0, 0}, kWhite = {255, 255, 255};

std::string drawn(const Picture& picture) {
  std::string text;
  for (int y = 0; y < picture.height; ++y, text += '\n')
    for (int x = 0; x < picture.width; ++x) text += picture.get(x, y) == kWhite ? '.' : '#';
  return text;
}

TEST_F(PictureTest, lines_discs_and_outlines_are_drawn_where_they_are) {
  Picture line(6, 3);
  line.line({0.5, 0.5}, {5.5, 2.5}, kRed);
  EXPECT_EQ(drawn(line), "##....\n.####.\n....##\n");
  Picture thick(5, 4);
  thick.line({1, 1.5}, {4, 1.5}, kRed, 2);
  EXPECT_EQ(drawn(thick), ".....\n#####\n#####\n.....\n");
  Picture disc(5, 5);
  disc.disc({2.5, 2.5}, 2, kRed);
  EXPECT_EQ(drawn(disc), "..#..\n.###.\n#####\n.###.\n..#..\n");
  Picture square(5, 5);
  square.outline({{{{0.5, 0.5}, {4.5, 0.5}, {4.5, 4.5}, {0.5, 4.5}}}}, kRed);
  EXPECT_EQ(drawn(square), "#####\n#...#\n#...#\n#...#\n#####\n");
}

TEST_F(PictureTest, what_is_outside_is_ignored) {
  Picture picture(4, 4);
  picture.set(-1, 0, kRed);
  picture.set(4, 4, kRed);
  picture.disc({-50, -50}, 10, kRed);
  picture.line({-10, -5}, {-1e12, 8}, kRed, 3);
  EXPECT_EQ(drawn(picture), "....\n....\n....\n....\n");
  picture.line({-1e9, 1.5}, {1e9, 1.5}, kRed);
  EXPECT_EQ(drawn(picture), "....\n####\n....\n....\n");
}

TEST_F(PictureTest, a_png_holds_the_same_pixels_and_nothing_lies_beside_it) {
  Picture picture(30, 20, {10, 20, 30});
  picture.set(29, 19, kRed);
  write_png(folder_ / "p.png", picture);
  EXPECT_THAT(files(), testing::ElementsAre("p.png"));
  const Raster raster = Raster::open(folder_ / "p.png", {.gsd_m = 1});
  EXPECT_EQ(raster.read({28, 19, 2, 1}, {0, 1, 2}).values,
            (std::vector<float>{10, 255, 20, 0, 30, 0}));
}

TEST_F(PictureTest, a_png_that_cannot_be_written_says_so) {
  Picture(1, 1);
  EXPECT_THAT(error_of([&] { write_png("/proc/nowhere/p.png", Picture(1, 1)); }),
              testing::StartsWith("Environment: "));
  EXPECT_THAT(error_of([&] { write_png(folder_ / "p.png", Picture()); }),
              testing::HasSubstr("has pixels"));
}

TEST_F(PictureTest, pictures_stand_side_by_side) {
  const Picture whole = beside({Picture(2, 3, kRed), Picture(1, 1, kRed)}, 1);
  EXPECT_EQ(drawn(whole), "##.#\n##..\n##..\n");
  EXPECT_EQ(beside({}).width, 0);
}

}  // namespace
}  // namespace canopy
