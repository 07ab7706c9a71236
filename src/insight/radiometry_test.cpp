// SPDX-License-Identifier: Apache-2.0
#include "insight/radiometry.h"

#include <unistd.h>

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "geo/raster_writer.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Radiometry : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("canopy_radiometry_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// 300 x 300 px, every sample `value` but for a share of `saturated` at the top in the last band.
  template <class Sample>
  std::vector<std::string> notes(RasterType type,
                                 const std::vector<std::string>& bands,
                                 double scale,
                                 Sample value,
                                 double saturated) const {
    RasterSpec spec;
    spec.width = spec.height = 300;
    spec.type = type;
    spec.bands = bands;
    spec.crs = "EPSG:32734";
    spec.world_from_pixel = {{300000, 0.1, 0, 6240000, 0, -0.1}};
    spec.scale = scale;
    const std::size_t area = 90000;
    std::vector<Sample> samples(area * bands.size(), value);
    for (std::size_t i = 0; i < area; ++i)
      if (static_cast<double>(i % 100) < 100 * saturated)
        samples[area * (bands.size() - 1) + i] = std::numeric_limits<Sample>::max();
    RasterWriter writer(folder_ / "ortho.tif", spec);
    writer.write({0, 0, 300, 300}, samples.data());
    writer.finish();
    return radiometry_notes(Raster::open(folder_ / "ortho.tif"));
  }

  fs::path folder_;
  const std::vector<std::string> all_ = {"blue", "green", "red", "red_edge", "nir"};
};

TEST_F(Radiometry, reflectances_need_no_remark) {
  EXPECT_THAT(notes<std::uint16_t>(RasterType::UInt16, all_, 1e-4, 3000, 0), IsEmpty());
}

TEST_F(Radiometry, display_numbers_and_a_missing_scale_are_told) {
  EXPECT_THAT(notes<std::uint8_t>(RasterType::UInt8, all_, 0, 100, 0),
              ElementsAre(HasSubstr("display numbers")));
  EXPECT_THAT(notes<std::uint16_t>(RasterType::UInt16, all_, 0, 3000, 0),
              ElementsAre(HasSubstr("states no scale")));
}

TEST_F(Radiometry, without_near_infrared_no_health_is_known) {
  EXPECT_THAT(notes<std::uint8_t>(RasterType::UInt8, {"red", "green", "blue"}, 0, 100, 0),
              ElementsAre(HasSubstr("no near infrared band")));
}

TEST_F(Radiometry, a_saturated_band_is_named_with_its_share) {
  EXPECT_THAT(notes<std::uint16_t>(RasterType::UInt16, all_, 1e-4, 3000, 0.05),
              ElementsAre(HasSubstr("band nir is saturated in 5 %")));
}

}  // namespace
}  // namespace canopy
