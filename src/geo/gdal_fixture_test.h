// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gdal_priv.h>
#include <gtest/gtest.h>
#include <ogr_spatialref.h>

#include "base/error.h"
#include "geo/gdal_errors.h"

// What geo's tests share: a folder that vanishes, little pictures made by GDAL itself, and the text
// of an Error.

namespace canopy {

class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("canopy_geo_" + std::to_string(::getpid()) + "_" + info->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  /// Names of the files in the folder, sorted.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
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

/// A picture whose sample is value(band from 0, x, y).
struct TestPicture {
  int width = 8, height = 6, bands = 3;
  GDALDataType type = GDT_Byte;
  std::string crs = "EPSG:32734";
  std::array<double, 6> transform = {500'000, 0.1, 0, 6'200'000, 0, -0.1};
  std::vector<std::string> options = {};  ///< of the GTiff driver: "TILED=YES"
  std::function<double(int, int, int)> value = [](int b, int x, int y) {
    return 100 * b + 10 * y + x;
  };
  std::function<void(GDALDataset&)> touch = {};
  std::string driver = "GTiff";

  void write(const std::filesystem::path& path) const {
    start_gdal();
    GDALDriver* driver_ =
        GetGDALDriverManager()->GetDriverByName(driver == "GTiff" ? "GTiff" : "MEM");
    CPLStringList list;
    for (const auto& option : options) list.AddString(option.c_str());
    GDALDataset* dataset = driver_->Create(path.c_str(), width, height, bands, type, list.List());
    ASSERT_NE(dataset, nullptr);
    if (!crs.empty()) {
      OGRSpatialReference srs;
      srs.SetFromUserInput(crs.c_str());
      dataset->SetSpatialRef(&srs);
      dataset->SetGeoTransform(const_cast<double*>(transform.data()));
    }
    if (touch) touch(*dataset);
    std::vector<double> row(static_cast<std::size_t>(width));
    for (int b = 0; value && b < bands; ++b)
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) row[static_cast<std::size_t>(x)] = value(b, x, y);
        ASSERT_EQ(dataset->GetRasterBand(b + 1)->RasterIO(
                      GF_Write, 0, y, width, 1, row.data(), width, 1, GDT_Float64, 0, 0),
                  CE_None);
      }
    if (driver != "GTiff") {
      GDALDriver* final_driver = GetGDALDriverManager()->GetDriverByName(driver.c_str());
      GDALClose(final_driver->CreateCopy(path.c_str(), dataset, FALSE, nullptr, nullptr, nullptr));
    }
    GDALClose(dataset);
  }
};

}  // namespace canopy
