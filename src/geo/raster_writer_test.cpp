// SPDX-License-Identifier: Apache-2.0
#include "geo/raster_writer.h"

#include <sys/mount.h>

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/random.h"
#include "geo/gdal_fixture_test.h"
#include "geo/raster.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using RasterWriterTest = FolderTest;

constexpr Transform kFarm = {{500'000, 0.1, 0, 6'200'000, 0, -0.1}};

template <class T>
std::vector<T> noise(std::int64_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<T> samples(static_cast<std::size_t>(n));
  for (T& sample : samples) sample = static_cast<T>(random.below(250));
  return samples;
}

void write_in_tiles(RasterWriter& writer,
                    std::int64_t width,
                    std::int64_t height,
                    std::int64_t bands) {
  for (std::int64_t y = 0; y < height; y += 300)
    for (std::int64_t x = 0; x < width; x += 300) {
      const Window w = {
          x, y, std::min<std::int64_t>(300, width - x), std::min<std::int64_t>(300, height - y)};
      writer.write(
          w,
          noise<std::uint16_t>(bands * w.area(), static_cast<std::uint64_t>(y * width + x)).data());
    }
}

TEST_F(RasterWriterTest, what_is_written_in_windows_reads_back_as_a_cog) {
  const RasterSpec spec = {.width = 1300,
                           .height = 900,
                           .bands = {"blue", "green", "red", "red_edge", "nir"},
                           .crs = "EPSG:32734",
                           .world_from_pixel = kFarm,
                           .has_nodata = true,
                           .nodata = 0,
                           .scale = 0.0001};
  {
    RasterWriter writer(folder_ / "o.tif", spec);
    write_in_tiles(writer, 1300, 900, 5);
    std::vector<std::uint16_t> back(5 * 300 * 300);
    writer.read({300, 300, 300, 300}, back.data());
    EXPECT_EQ(back, noise<std::uint16_t>(5 * 300 * 300, 300 * 1300 + 300));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "o.tif"));
    writer.finish();
  }
  EXPECT_THAT(files(), ElementsAre("o.tif"));
  const Raster raster = Raster::open(folder_ / "o.tif");
  EXPECT_TRUE(raster.is_cog());
  EXPECT_EQ(raster.crs(), "EPSG:32734");
  EXPECT_EQ(raster.world_from_pixel(), kFarm);
  EXPECT_EQ(raster.bands(), spec.bands);
  EXPECT_EQ(raster.band_origin(), "named in the file");
  EXPECT_EQ(raster.scale(4), 0.0001);
  const auto planes = raster.read_raw({300, 300, 300, 300}, {0, 1, 2, 3, 4}, nullptr);
  const auto expected = noise<std::uint16_t>(5 * 300 * 300, 300 * 1300 + 300);
  for (std::size_t b = 0; b < 5; ++b)
    EXPECT_EQ(std::memcmp(planes[b].data(), expected.data() + b * 90'000, 180'000), 0) << b;
}

TEST_F(RasterWriterTest, the_same_samples_give_the_same_bytes) {
  for (const char* name : {"a.tif", "b.tif"}) {
    RasterWriter writer(folder_ / name,
                        {.width = 1100,
                         .height = 700,
                         .bands = {"red", "nir"},
                         .crs = "EPSG:32734",
                         .world_from_pixel = kFarm});
    write_in_tiles(writer, 1100, 700, 2);
    writer.finish();
  }
  EXPECT_EQ(read_file(folder_ / "a.tif"), read_file(folder_ / "b.tif"));
}

TEST_F(RasterWriterTest, overviews_of_ids_hold_ids_only) {
  RasterWriter writer(folder_ / "labels.tif",
                      {.width = 1200,
                       .height = 1200,
                       .type = RasterType::UInt32,
                       .bands = {"id"},
                       .crs = "EPSG:32734",
                       .world_from_pixel = kFarm,
                       .is_categorical = true});
  std::vector<std::uint32_t> ids(1200 * 1200);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = i % 3 == 0 ? 70'000 : i % 3 == 1 ? 5 : 0;
  writer.write({0, 0, 1200, 1200}, ids.data());
  writer.finish();
  const GDALDatasetUniquePtr file(GDALDataset::Open((folder_ / "labels.tif").c_str()));
  GDALRasterBand* band = file->GetRasterBand(1);
  ASSERT_GT(band->GetOverviewCount(), 0);
  EXPECT_EQ(band->GetRasterDataType(), GDT_UInt32);
  GDALRasterBand* overview = band->GetOverview(0);
  std::vector<std::uint32_t> small(
      static_cast<std::size_t>(overview->GetXSize() * overview->GetYSize()));
  ASSERT_EQ(overview->RasterIO(GF_Read,
                               0,
                               0,
                               overview->GetXSize(),
                               overview->GetYSize(),
                               small.data(),
                               overview->GetXSize(),
                               overview->GetYSize(),
                               GDT_UInt32,
                               0,
                               0),
            CE_None);
  EXPECT_THAT(small, testing::Each(testing::AnyOf(0u, 5u, 70'000u)));
}

TEST_F(RasterWriterTest, colours_and_alpha_are_told_to_other_programs) {
  RasterWriter writer(folder_ / "rgba.tif",
                      {.width = 10,
                       .height = 4,
                       .type = RasterType::UInt8,
                       .bands = {"red", "green", "blue", "alpha"},
                       .crs = "EPSG:3857",
                       .world_from_pixel = kFarm,
                       .alpha_last = true});
  std::vector<std::uint8_t> samples(160, 200);
  samples[120] = 0;
  writer.write({0, 0, 10, 4}, samples.data());
  writer.finish();
  const GDALDatasetUniquePtr file(GDALDataset::Open((folder_ / "rgba.tif").c_str()));
  EXPECT_EQ(file->GetRasterBand(1)->GetColorInterpretation(), GCI_RedBand);
  EXPECT_EQ(file->GetRasterBand(4)->GetColorInterpretation(), GCI_AlphaBand);
  const Raster raster = Raster::open(folder_ / "rgba.tif");
  EXPECT_THAT(raster.bands(), ElementsAre("red", "green", "blue"));
  EXPECT_THAT(raster.read({0, 0, 2, 1}, {0}).valid, ElementsAre(0, 1));
}

TEST_F(RasterWriterTest, four_bytes_without_alpha_have_infrared_last) {
  RasterWriter writer(folder_ / "rgbn.tif",
                      {.width = 4,
                       .height = 1,
                       .type = RasterType::UInt8,
                       .bands = {"red", "green", "blue", "nir"},
                       .crs = "EPSG:32734",
                       .world_from_pixel = kFarm});
  writer.write({0, 0, 4, 1}, std::vector<std::uint8_t>(16, 0).data());
  writer.finish();
  const Raster raster = Raster::open(folder_ / "rgbn.tif");
  EXPECT_THAT(raster.bands(), ElementsAre("red", "green", "blue", "nir"));
  EXPECT_THAT(raster.read({0, 0, 1, 1}, {0}).valid, ElementsAre(1));
}

TEST_F(RasterWriterTest, what_was_never_written_is_nodata) {
  RasterWriter writer(folder_ / "f.tif",
                      {.width = 2000,
                       .height = 2000,
                       .type = RasterType::Float32,
                       .bands = {"dsm"},
                       .crs = "EPSG:32734",
                       .world_from_pixel = kFarm,
                       .has_nodata = true,
                       .nodata = -9999});
  const float one = 1;
  writer.write({1999, 1999, 1, 1}, &one);
  writer.finish();
  const Pixels pixels = Raster::open(folder_ / "f.tif").read({1998, 1999, 2, 1}, {0});
  EXPECT_THAT(pixels.valid, ElementsAre(0, 1));
  EXPECT_THAT(pixels.values, ElementsAre(0, 1));
}

TEST_F(RasterWriterTest, an_unfinished_raster_leaves_nothing) {
  {
    RasterWriter writer(folder_ / "o.tif", {.width = 100, .height = 100, .bands = {"red"}});
    writer.write({0, 0, 100, 100}, noise<std::uint16_t>(10'000, 1).data());
  }
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(RasterWriterTest, a_finished_raster_replaces_the_old_one_at_once) {
  write_file(folder_ / "o.tif", "the old one");
  RasterWriter writer(folder_ / "o.tif",
                      {.width = 10,
                       .height = 10,
                       .bands = {"red"},
                       .crs = "EPSG:32734",
                       .world_from_pixel = kFarm});
  writer.write({0, 0, 10, 10}, noise<std::uint16_t>(100, 1).data());
  EXPECT_EQ(read_file(folder_ / "o.tif"), "the old one");
  writer.finish();
  EXPECT_EQ(Raster::open(folder_ / "o.tif").width(), 10);
}

TEST_F(RasterWriterTest, misuse_is_a_defect) {
  const auto write = [&](const Window& window) {
    return error_of([&] {
      RasterWriter writer(folder_ / "o.tif", {.width = 10, .height = 10, .bands = {"red"}});
      writer.write(window, noise<std::uint16_t>(400, 1).data());
      writer.finish();
      writer.finish();
    });
  };
  EXPECT_THAT(write({5, 5, 10, 10}), HasSubstr("a window that is written lies in the raster"));
  EXPECT_THAT(write({0, 0, 10, 10}), HasSubstr("finished once"));
  EXPECT_THAT(error_of([&] {
                RasterWriter(folder_ / "o.tif", {.width = 0, .height = 10, .bands = {"red"}});
              }),
              HasSubstr("has pixels and bands"));
}

TEST_F(RasterWriterTest, an_unknown_crs_leaves_nothing) {
  EXPECT_THAT(error_of([&] {
                RasterWriter(folder_ / "o.tif",
                             {.width = 1, .height = 1, .bands = {"red"}, .crs = "EPSG:999999"});
              }),
              HasSubstr("is not a known CRS"));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(RasterWriterTest, a_full_disk_is_the_environments_fault_and_leaves_nothing) {
  const auto disk = folder_ / "disk";
  std::filesystem::create_directory(disk);
  Random random(1);
  std::vector<std::uint16_t> samples(500 * 500);
  for (auto& sample : samples) sample = static_cast<std::uint16_t>(random.bits());
  int written = 0, refused = 0;
  // The disk fills up while samples are written, while the COG is made, at its very end, and not at
  // all.
  for (int size_k = 100; size_k <= 1600; size_k += 60) {
    const std::string options = "size=" + std::to_string(size_k) + "k";
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, options.c_str()) != 0)
      GTEST_SKIP() << "mounting needs root";
    const std::string error = error_of([&] {
      RasterWriter writer(disk / "o.tif",
                          {.width = 500,
                           .height = 500,
                           .bands = {"red"},
                           .crs = "EPSG:32734",
                           .world_from_pixel = kFarm});
      writer.write({0, 0, 500, 500}, samples.data());
      writer.finish();
    });
    if (error == "no error") {
      ++written;
      const auto planes = Raster::open(disk / "o.tif").read_raw({0, 0, 500, 500}, {0}, nullptr);
      EXPECT_EQ(std::memcmp(planes[0].data(), samples.data(), planes[0].size()), 0) << options;
    } else {
      ++refused;
      EXPECT_THAT(
          error,
          testing::StartsWith("Environment: " + (disk / "o.tif").string() + ": cannot be written"));
      EXPECT_THAT(error, HasSubstr("No space left on device")) << options;
      EXPECT_TRUE(std::filesystem::is_empty(disk)) << options;
    }
    ::umount(disk.c_str());
  }
  EXPECT_GT(written, 3);
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace canopy
