// SPDX-License-Identifier: Apache-2.0
#include "geo/raster.h"

#include <cmath>
#include <cstring>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/threads.h"
#include "geo/gdal_fixture_test.h"

namespace canopy {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class RasterTest : public FolderTest {
 protected:
  Raster open(const TestPicture& picture, const RasterOptions& options = {}) {
    picture.write(folder_ / "a.tif");
    return Raster::open(folder_ / "a.tif", options);
  }
};

std::vector<int> all_bands(const Raster& raster) {
  std::vector<int> bands;
  for (int i = 0; i < static_cast<int>(raster.bands().size()); ++i) bands.push_back(i);
  return bands;
}

TEST_F(RasterTest, a_geotiff_says_where_it_is_and_what_it_holds) {
  const Raster raster = open({.bands = 5, .type = GDT_UInt16});
  EXPECT_EQ(raster.width(), 8);
  EXPECT_EQ(raster.height(), 6);
  EXPECT_EQ(raster.dtype(), "uint16");
  EXPECT_EQ(raster.crs(), "EPSG:32734");
  EXPECT_DOUBLE_EQ(raster.gsd_m(), 0.1);
  EXPECT_EQ(raster.world_from_pixel().world_from_pixel(2, 2).x, 500'000.2);
  EXPECT_THAT(raster.bands(), ElementsAre("blue", "green", "red", "red_edge", "nir"));
  EXPECT_EQ(raster.band_origin(), "by their number");
  EXPECT_EQ(raster.band("nir"), 4);
  EXPECT_EQ(raster.band("dsm"), std::nullopt);
  EXPECT_TRUE(raster.is_cog());  // so small that it needs no overviews
}

TEST_F(RasterTest, every_layout_and_type_reads_the_same) {
  const auto value = [](int b, int x, int y) { return 50 * b + (x * 7 + y * 3) % 40; };
  for (const GDALDataType type : {GDT_Byte, GDT_UInt16, GDT_Int16, GDT_Float32, GDT_Float64})
    for (const std::vector<std::string>& options :
         {std::vector<std::string>{},
          {"TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"},
          {"INTERLEAVE=BAND", "COMPRESS=DEFLATE"},
          {"TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=16", "COMPRESS=LZW"}}) {
      const Raster raster = open({.width = 70,
                                  .height = 50,
                                  .bands = 5,
                                  .type = type,
                                  .options = options,
                                  .value = value});
      const Pixels pixels = raster.read({30, 20, 20, 10}, {4, 0, 1});
      ASSERT_EQ(pixels.values.size(), 600u);
      const int bands[] = {4, 0, 1};
      for (int k = 0; k < 3; ++k)
        for (int y = 0; y < 10; ++y)
          for (int x = 0; x < 20; ++x)
            ASSERT_EQ(pixels.at(k, x, y), static_cast<float>(value(bands[k], x + 30, y + 20)));
      EXPECT_THAT(pixels.valid, Each(1));
    }
}

TEST_F(RasterTest, windows_beyond_the_picture_give_invalid_zeros) {
  const Raster raster = open({.value = [](int, int, int) { return 7; }});
  const Pixels pixels = raster.read({-2, -1, 12, 9}, {0, 1});
  for (int y = 0; y < 9; ++y)
    for (int x = 0; x < 12; ++x) {
      const bool inside = x >= 2 && x < 10 && y >= 1 && y < 7;
      EXPECT_EQ(pixels.at(1, x, y), inside ? 7 : 0);
      EXPECT_EQ(pixels.valid[static_cast<std::size_t>(y * 12 + x)], inside ? 1 : 0);
    }
  const Pixels nothing = raster.read({100, 100, 4, 4}, {0});
  EXPECT_THAT(nothing.values, Each(0));
  EXPECT_THAT(nothing.valid, Each(0));
}

TEST_F(RasterTest, raw_samples_are_the_files_own_bytes) {
  const Raster raster =
      open({.type = GDT_UInt16, .value = [](int b, int x, int y) { return 1000 * b + 8 * y + x; }});
  std::vector<std::uint8_t> valid;
  const auto planes = raster.read_raw({6, 4, 4, 2}, {2, 0}, &valid);
  ASSERT_EQ(planes.size(), 2u);
  std::vector<std::uint16_t> samples(8);
  ASSERT_EQ(planes[0].size(), 16u);
  std::memcpy(samples.data(), planes[0].data(), 16);
  EXPECT_THAT(samples, ElementsAre(2038, 2039, 0, 0, 2046, 2047, 0, 0));
  EXPECT_THAT(valid, ElementsAre(1, 1, 0, 0, 1, 1, 0, 0));
  EXPECT_EQ(raster.read_raw({0, 0, 1, 1}, {0}, nullptr).at(0).size(), 2u);
}

TEST_F(RasterTest, an_alpha_band_is_validity_and_no_colour) {
  const Raster raster = open({.bands = 4, .options = {"ALPHA=YES"}, .value = [](int b, int x, int) {
                                return b == 3 ? (x < 3 ? 0 : 255) : 50 + b;
                              }});
  EXPECT_THAT(raster.bands(), ElementsAre("red", "green", "blue"));
  const Pixels pixels = raster.read({0, 0, 5, 1}, {0, 1, 2});
  EXPECT_THAT(pixels.valid, ElementsAre(0, 0, 0, 1, 1));
  EXPECT_EQ(pixels.at(0, 0, 0), 0);
  EXPECT_EQ(pixels.at(2, 4, 0), 52);
}

TEST_F(RasterTest, nodata_of_integers_counts_where_all_bands_have_it) {
  const Raster raster =
      open({.bands = 3,
            .value = [](int b, int x, int) { return x == 0             ? 0
                                                    : x == 1 && b == 0 ? 0
                                                                       : 9; },
            .touch = [](GDALDataset& d) { d.GetRasterBand(1)->SetNoDataValue(0); }});
  EXPECT_THAT(raster.read({0, 0, 3, 1}, {0}).valid, ElementsAre(0, 1, 1));
  EXPECT_THAT(raster.read({0, 0, 3, 1}, {0, 1, 2}).valid, ElementsAre(0, 1, 1));
}

TEST_F(RasterTest, nodata_of_floats_counts_in_any_band_and_nan_is_never_a_value) {
  const Raster raster = open(
      {.bands = 5,
       .type = GDT_Float32,
       .value =
           [](int b, int x, int) {
             return x == 0 ? -10'000 : x == 1 && b == 4 ? NAN : x == 2 && b == 2 ? -10'000 : 0.5;
           },
       .touch = [](GDALDataset& d) { d.GetRasterBand(1)->SetNoDataValue(-10'000); }});
  const Pixels pixels = raster.read({0, 0, 4, 1}, all_bands(raster));
  EXPECT_THAT(pixels.valid, ElementsAre(0, 0, 0, 1));
  EXPECT_EQ(pixels.at(4, 1, 0), 0);
  EXPECT_EQ(pixels.at(4, 3, 0), 0.5f);
}

TEST_F(RasterTest, a_mask_band_is_validity) {
  CPLSetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES");
  const Raster raster =
      open({.bands = 3,
            .value = [](int, int, int) { return 9; },
            .touch =
                [](GDALDataset& d) {
                  d.CreateMaskBand(GMF_PER_DATASET);
                  std::vector<std::uint8_t> mask(48, 255);
                  mask[1] = 0;
                  ASSERT_EQ(d.GetRasterBand(1)->GetMaskBand()->RasterIO(
                                GF_Write, 0, 0, 8, 6, mask.data(), 8, 6, GDT_Byte, 0, 0),
                            CE_None);
                }});
  CPLSetConfigOption("GDAL_TIFF_INTERNAL_MASK", nullptr);
  EXPECT_THAT(raster.read({0, 0, 3, 1}, {0}).valid, ElementsAre(1, 0, 1));
}

TEST_F(RasterTest, descriptions_and_scales_of_bands_are_read) {
  const Raster raster = open({.bands = 3, .type = GDT_UInt16, .touch = [](GDALDataset& d) {
                                const char* names[] = {"NIR", "Red Edge-740", "Green"};
                                for (int i = 0; i < 3; ++i)
                                  d.GetRasterBand(i + 1)->SetDescription(names[i]);
                                d.GetRasterBand(1)->SetScale(0.0001);
                                d.GetRasterBand(1)->SetOffset(-0.1);
                              }});
  EXPECT_THAT(raster.bands(), ElementsAre("nir", "red_edge", "green"));
  EXPECT_EQ(raster.band_origin(), "named in the file");
  EXPECT_EQ(raster.scale(0), 0.0001);
  EXPECT_EQ(raster.offset(0), -0.1);
  EXPECT_EQ(raster.scale(1), std::nullopt);
  EXPECT_EQ(raster.offset(1), std::nullopt);
}

TEST_F(RasterTest, given_names_leave_bands_out) {
  const Raster raster =
      open({.bands = 4, .type = GDT_UInt16}, {.bands = {"green", "-", "NIR", "red"}});
  EXPECT_THAT(raster.bands(), ElementsAre("green", "nir", "red"));
  EXPECT_EQ(raster.band_origin(), "given");
  EXPECT_EQ(raster.read({0, 0, 1, 1}, {1}).at(0, 0, 0), 200);
  EXPECT_THAT(error_of([&] { Raster::open(folder_ / "a.tif", {.bands = {"red"}}); }),
              HasSubstr("has 4 bands, but 1 names were given"));
  EXPECT_THAT(error_of([&] {
                Raster::open(folder_ / "a.tif", {.bands = {"-", "-", "-", "-"}});
              }),
              HasSubstr("every band is left out"));
}

TEST_F(RasterTest, one_file_per_band_makes_one_raster) {
  TestPicture{.bands = 1, .type = GDT_UInt16}.write(folder_ / "nir.tif");
  TestPicture{.bands = 1,
              .type = GDT_Float32,
              .value = [](int, int x, int) { return x == 0 ? -1.0 : 3.5; },
              .touch = [](GDALDataset& d) { d.GetRasterBand(1)->SetNoDataValue(-1); }}
      .write(folder_ / "dsm.tif");
  const Raster with_nir = open({}, {.extra = {{"NIR", folder_ / "nir.tif"}}});
  EXPECT_THAT(with_nir.bands(), ElementsAre("red", "green", "blue", "nir"));
  EXPECT_EQ(with_nir.dtype(), "uint16");
  EXPECT_EQ(with_nir.read({3, 1, 1, 1}, {2, 3}).values, (std::vector<float>{213, 13}));
  const Raster with_dsm = open({}, {.extra = {{"dsm", folder_ / "dsm.tif"}}});
  EXPECT_EQ(with_dsm.dtype(), "float32");
  EXPECT_THAT(with_dsm.read({0, 0, 2, 1}, {0, 3}).valid, ElementsAre(0, 1));
  EXPECT_THAT(with_dsm.read({0, 0, 2, 1}, {0}).valid, ElementsAre(1, 1));
}

TEST_F(RasterTest, an_extra_band_on_another_grid_is_refused) {
  TestPicture{}.write(folder_ / "a.tif");
  const auto with = [&](const TestPicture& picture, const std::string& name = "nir") {
    picture.write(folder_ / "n.tif");
    return error_of([&] {
      Raster::open(folder_ / "a.tif", {.extra = {{name, folder_ / "n.tif"}}});
    });
  };
  EXPECT_THAT(with({.width = 9, .bands = 1}), HasSubstr("its grid (9 x 6 px) is not that of"));
  EXPECT_THAT(with({.bands = 1, .transform = {500'001, 0.1, 0, 6'200'000, 0, -0.1}}),
              HasSubstr("its grid"));
  EXPECT_THAT(with({.bands = 1, .crs = "EPSG:32733"}), HasSubstr("its grid"));
  EXPECT_THAT(with({.bands = 2}),
              HasSubstr("has 2 bands; a file for one band (nir) must have one"));
  EXPECT_THAT(with({.bands = 1}, "infra"), HasSubstr("'infra' is no band"));
  EXPECT_THAT(with({.bands = 1}, "red"), HasSubstr("band 'red' is in"));
}

TEST_F(RasterTest, a_picture_without_a_place_needs_its_resolution) {
  const TestPicture picture = {.width = 20, .height = 10, .crs = ""};
  for (const char* format : {"PNG", "JPEG"}) {
    TestPicture copy = picture;
    copy.driver = format;
    const auto path = folder_ / (format == std::string("PNG") ? "pic.png" : "pic.jpg");
    copy.write(path);
    EXPECT_EQ(error_of([&] { Raster::open(path); }),
              "User: " + path.string() + ": has no georeference; pass --gsd METRES_PER_PIXEL");
    const Raster raster = Raster::open(path, {.gsd_m = 0.25});
    EXPECT_EQ(raster.crs(), "");
    EXPECT_EQ(raster.gsd_m(), 0.25);
    EXPECT_EQ(raster.world_from_pixel().world_from_pixel(4, 8), (Point{1, -2}));
    EXPECT_THAT(raster.bands(), ElementsAre("red", "green", "blue"));
  }
}

TEST_F(RasterTest, the_crs_of_the_file_wins_over_a_given_resolution) {
  EXPECT_DOUBLE_EQ(open({}, {.gsd_m = 3}).gsd_m(), 0.1);
}

TEST_F(RasterTest, a_jpeg_in_a_tiff_has_its_colours) {
  const Raster raster = open({.width = 64,
                              .height = 64,
                              .options = {"COMPRESS=JPEG", "PHOTOMETRIC=YCBCR", "JPEG_QUALITY=95"},
                              .value = [](int b, int, int) {
                                return b == 0 ? 200 : b == 1 ? 120 : 40;
                              }});
  const Pixels pixels = raster.read({10, 10, 1, 1}, {0, 1, 2});
  EXPECT_NEAR(pixels.values[0], 200, 4);
  EXPECT_NEAR(pixels.values[1], 120, 4);
  EXPECT_NEAR(pixels.values[2], 40, 4);
}

TEST_F(RasterTest, a_palette_becomes_its_colours) {
  const Raster raster =
      open({.bands = 1,
            .value = [](int, int x, int) { return x % 2; },
            .touch =
                [](GDALDataset& d) {
                  GDALColorTable table;
                  const GDALColorEntry colours[] = {{10, 20, 30, 255}, {40, 50, 60, 255}};
                  for (int i = 0; i < 2; ++i) table.SetColorEntry(i, &colours[i]);
                  d.GetRasterBand(1)->SetColorTable(&table);
                }});
  EXPECT_THAT(raster.bands(), ElementsAre("red", "green", "blue"));
  EXPECT_EQ(raster.read({0, 0, 2, 1}, {0, 1, 2}).values,
            (std::vector<float>{10, 40, 20, 50, 30, 60}));
}

TEST_F(RasterTest, ground_resolution_is_true_in_degrees_mercator_and_feet) {
  EXPECT_NEAR(
      open({.crs = "EPSG:3857", .transform = {2'142'900, 0.2, 0, -3'961'800, 0, -0.2}}).gsd_m(),
      0.2 * std::cos(33.5 * 3.14159265 / 180),
      0.001);
  EXPECT_NEAR(open({.crs = "EPSG:4326", .transform = {19.25, 1e-6, 0, -33.5, 0, -1e-6}}).gsd_m(),
              0.1015,
              1e-3);
  EXPECT_NEAR(
      open({.crs = "EPSG:2227", .transform = {6'000'000, 0.5, 0, 2'100'000, 0, -0.5}}).gsd_m(),
      0.1524,
      1e-4);
}

TEST_F(RasterTest, a_rotated_grid_keeps_working) {
  const Raster raster = open({.transform = {500'000, 0.06, 0.08, 6'200'000, 0.08, -0.06}});
  EXPECT_NEAR(raster.gsd_m(), 0.1, 1e-12);
  EXPECT_EQ(raster.read({1, 2, 1, 1}, {1}).at(0, 0, 0), 121);
}

TEST_F(RasterTest, averaging_down_and_bilinear_up_keep_a_plane_a_plane) {
  const Raster raster = open(
      {.width = 64, .height = 48, .bands = 1, .type = GDT_Float32, .value = [](int, int x, int y) {
         return 2 * (x + 0.5) + (y + 0.5);
       }});
  const auto expect_plane =
      [&](const Window& w, int out_w, int out_h, double tolerance, double edge_tolerance) {
        const Pixels pixels = raster.read(w, {0}, out_w, out_h);
        const double sx = static_cast<double>(w.width) / out_w,
                     sy = static_cast<double>(w.height) / out_h;
        for (int y = 0; y < out_h; ++y)
          for (int x = 0; x < out_w; ++x) {
            const double column = static_cast<double>(w.x) + (x + 0.5) * sx;
            const double row = static_cast<double>(w.y) + (y + 0.5) * sy;
            const bool inside = column > 0 && column < 64 && row > 0 && row < 48;
            const bool at_edge =
                column < 1 + sx || column > 63 - sx || row < 1 + sy || row > 47 - sy;
            ASSERT_EQ(pixels.valid[static_cast<std::size_t>(y * out_w + x)], inside)
                << x << " " << y;
            ASSERT_NEAR(pixels.at(0, x, y),
                        inside ? 2 * column + row : 0,
                        !inside   ? 0
                        : at_edge ? edge_tolerance
                                  : tolerance)
                << x << " " << y;
          }
      };
  expect_plane({0, 0, 64, 48}, 32, 24, 0.01, 0.01);
  expect_plane({10, 10, 30, 30}, 20, 20, 0.3, 0.3);
  expect_plane({-7, -5, 40, 30}, 13, 11, 0.3, 2.6);
  expect_plane({40, 30, 40, 30}, 16, 12, 0.3, 2.6);
  expect_plane({10, 10, 10, 10}, 40, 40, 0.01, 0.01);
  expect_plane({-4, -4, 16, 16}, 40, 40, 0.01, 1.6);
}

TEST_F(RasterTest, raw_samples_of_a_coarser_grid_are_rounded_averages) {
  TestPicture picture = {.width = 64,
                         .height = 64,
                         .bands = 2,
                         .type = GDT_UInt16,
                         .options = {"TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"},
                         .value = [](int b, int x, int y) { return 1000 * b + 4 * x + 8 * y; }};
  for (const bool has_overviews : {false, true}) {
    if (has_overviews)
      picture.touch = [](GDALDataset& d) {
        int factor = 2;
        d.BuildOverviews("AVERAGE", 1, &factor, 0, nullptr, nullptr, nullptr);
        // The overview alone says so: what is read is it, and not the pixels below it.
        for (int b = 1; b <= 2; ++b) d.GetRasterBand(b)->GetOverview(0)->Fill(77 + b);
        for (GDALRasterBand* band : d.GetBands()) band->FlushCache();
      };
    const Raster raster = open(picture);
    std::vector<std::uint8_t> valid;
    const auto planes = raster.read_raw({16, 32, 40, 32}, {1, 0}, &valid, 20, 16);
    ASSERT_EQ(planes.size(), 2u);
    ASSERT_EQ(planes[0].size(), 20u * 16 * 2);
    EXPECT_EQ(valid.size(), 20u * 16);
    const auto* second = reinterpret_cast<const std::uint16_t*>(planes[0].data());
    for (int y = 0; y < 16; ++y)
      for (int x = 0; x < 20; ++x)
        ASSERT_EQ(second[y * 20 + x],
                  has_overviews ? 79 : 1000 + 4 * (16 + 2 * x) + 8 * (32 + 2 * y) + 6);
  }
}

TEST_F(RasterTest, resampling_does_not_mix_nodata_in) {
  const Raster raster =
      open({.width = 16,
            .height = 4,
            .bands = 3,
            .type = GDT_UInt16,
            .value = [](int, int x, int) { return x < 7 ? 0 : 1000; },
            .touch = [](GDALDataset& d) { d.GetRasterBand(1)->SetNoDataValue(0); }});
  const Pixels pixels = raster.read({0, 0, 16, 4}, {0, 1, 2}, 8, 2);
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(pixels.values[i], pixels.valid[i] != 0 ? 1000 : 0);
    EXPECT_EQ(pixels.valid[i], i % 8 >= 4 || (i % 8 == 3 && pixels.valid[i] != 0));
  }
}

TEST_F(RasterTest, a_file_that_is_no_picture_gives_one_clear_line) {
  std::ofstream(folder_ / "text.tif") << "not a picture at all, whatever its name says\n";
  const std::string text = (folder_ / "text.tif").string();
  EXPECT_EQ(error_of([&] { Raster::open(text); }),
            "User: " + text +
                ": is not a picture that can be read (GeoTIFF, PNG, JPEG, JPEG 2000, IMG or VRT)");
  std::ofstream(folder_ / "empty.tif");
  EXPECT_THAT(error_of([&] { Raster::open(folder_ / "empty.tif"); }),
              HasSubstr("is not a picture"));
  EXPECT_THAT(error_of([&] { Raster::open(folder_ / "none.tif"); }),
              testing::StartsWith("NotFound: "));
  EXPECT_THAT(error_of([&] { Raster::open(folder_); }), HasSubstr("is a folder"));
}

TEST_F(RasterTest, a_torn_file_says_where) {
  TestPicture{.width = 300, .height = 300, .options = {"TILED=YES"}}.write(folder_ / "a.tif");
  std::filesystem::resize_file(folder_ / "a.tif",
                               std::filesystem::file_size(folder_ / "a.tif") / 2);
  testing::internal::CaptureStderr();
  const std::string error = error_of([&] {
    const Raster raster = Raster::open(folder_ / "a.tif");
    raster.read(raster.window(), {0, 1, 2});
  });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(error, HasSubstr("a.tif"));
  EXPECT_THAT(error, testing::StartsWith("User: "));
}

TEST_F(RasterTest, a_degenerate_transform_is_refused) {
  TestPicture{.transform = {5, 1, 1, 6, 1, 1}}.write(folder_ / "a.tif");
  EXPECT_THAT(error_of([&] { Raster::open(folder_ / "a.tif"); }), HasSubstr("degenerate"));
}

TEST_F(RasterTest, a_huge_file_is_read_by_window_in_bounded_memory) {
  TestPicture{.width = 20'000,
              .height = 20'000,
              .bands = 3,
              .type = GDT_UInt16,
              .options = {"TILED=YES", "SPARSE_OK=TRUE", "BIGTIFF=YES"},
              .value = {},
              .touch =
                  [](GDALDataset& d) {
                    std::uint16_t sample = 4321;
                    ASSERT_EQ(d.GetRasterBand(2)->RasterIO(
                                  GF_Write, 19'990, 19'990, 1, 1, &sample, 1, 1, GDT_UInt16, 0, 0),
                              CE_None);
                  }}
      .write(folder_ / "a.tif");
  const Raster raster = Raster::open(folder_ / "a.tif");
  const std::int64_t before = peak_resident_bytes();
  for (std::int64_t at = 0; at < 20'000; at += 2'000)
    EXPECT_THAT(raster.read({at, at, 512, 512}, {0, 1, 2}).values.size(), 3u * 512 * 512);
  EXPECT_EQ(raster.read({19'900, 19'900, 200, 200}, {1}).at(0, 90, 90), 4321);
  EXPECT_LT(peak_resident_bytes() - before, 300LL << 20);  // the whole is 2.4 GB
}

}  // namespace
}  // namespace canopy
