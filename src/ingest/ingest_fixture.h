// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/random.h"
#include "geo/raster_writer.h"
#include "ingest/label_set.h"

// What the tests of ingest share: a folder that vanishes, orchards of round crowns, drawn, and the
// text of an Error.

namespace canopy {

class IngestFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("canopy_ingest_" + std::to_string(::getpid()) + "_" + info->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    write_file(folder_ / name, text);
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

/// "User: text" of what `call` throws.
inline std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(name_of(error.fault())) + ": " + error.what();
  }
  return "no error";
}

/// A rectangle as an outline, counter-clockwise with y up.
inline Polygon rectangle(double x0, double y0, double x1, double y1) {
  return {{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}}};
}

inline Polygon disc(Point centre, double radius, int points = 24) {
  Ring ring;
  for (int i = 0; i < points; ++i) {
    const double angle = 2 * 3.14159265358979 * i / points;
    ring.push_back({centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle)});
  }
  return {{ring}};
}

/// A five-band 16-bit picture of ground and round crowns on a grid, 10 cm a pixel in UTM 34 S.
struct DrawnOrchard {
  int width = 320, height = 200;
  double spacing_px = 40, radius_px = 12;
  std::uint64_t seed = 1;
  int nodata_from_column = 1 << 30;  ///< pixels from here on are nodata (0 in every band)
  std::string crs = "EPSG:32734";
  Transform world_from_pixel = {{500'000, 0.1, 0, 6'200'000, 0, -0.1}};

  std::vector<Point> centres_px() const {
    std::vector<Point> centres;
    for (double y = spacing_px / 2; y < height; y += spacing_px)
      for (double x = spacing_px / 2; x < width; x += spacing_px) centres.push_back({x, y});
    return centres;
  }
  /// Crowns in the world.
  std::vector<Polygon> crowns() const {
    std::vector<Polygon> crowns;
    for (const Point& c : centres_px()) {
      Polygon crown = disc(c, radius_px);
      for (Point& p : crown.rings[0]) p = world_from_pixel.world_from_pixel(p.x, p.y);
      crowns.push_back(crown);
    }
    return crowns;
  }
  std::uint16_t sample(int band, int x, int y) const {
    if (x >= nodata_from_column) return 0;
    const double dx = std::fmod(x + 0.5, spacing_px) - spacing_px / 2;
    const double dy = std::fmod(y + 0.5, spacing_px) - spacing_px / 2;
    static constexpr double kGround[] = {900, 1200, 1600, 1900, 2300};
    static constexpr double kCrown[] = {300, 700, 400, 2200, 5200};
    const double noise =
        80 * value_noise(seed + static_cast<std::uint64_t>(band), x / 3.0, y / 3.0);
    return static_cast<std::uint16_t>((std::hypot(dx, dy) < radius_px ? kCrown : kGround)[band] +
                                      noise);
  }
  void write(const std::filesystem::path& path) const {
    RasterSpec spec;
    spec.width = width;
    spec.height = height;
    spec.bands = {"blue", "green", "red", "red_edge", "nir"};
    spec.crs = crs;
    spec.world_from_pixel = world_from_pixel;
    spec.has_nodata = true;
    spec.scale = 1e-4;
    RasterWriter writer(path, spec);
    std::vector<std::uint16_t> samples;
    for (int band = 0; band < 5; ++band)
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) samples.push_back(sample(band, x, y));
    writer.write({0, 0, width, height}, samples.data());
    writer.finish();
  }
};

}  // namespace canopy
