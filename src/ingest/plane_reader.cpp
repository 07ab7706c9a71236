// SPDX-License-Identifier: Apache-2.0
#include "ingest/plane_reader.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "base/error.h"

namespace canopy {
namespace {

void clear_invalid(Plane& plane, int bytes, const std::vector<std::uint8_t>& valid) {
  const auto size = static_cast<std::size_t>(bytes);
  for (std::size_t i = 0; i < valid.size(); ++i)
    if (!valid[i]) std::fill_n(plane.data() + i * size, size, std::uint8_t{0});
}

}  // namespace

PlaneReader::PlaneReader(const std::filesystem::path& picture,
                         const std::vector<std::string>& bands,
                         const std::map<std::string, std::string>& extra,
                         double gsd_m) {
  RasterOptions options;
  options.bands = bands;
  options.gsd_m = gsd_m;
  if (!extra.empty()) {
    // Opened together once, so that another grid is refused.
    RasterOptions together = options;
    for (const auto& [name, path] : extra) together.extra[name] = path;
    Raster::open(picture, together);
  }
  rasters_.push_back(Raster::open(picture, options));
  for (const auto& [name, path] : extra) {
    RasterOptions alone;
    alone.bands = {name};
    alone.gsd_m = rasters_[0].gsd_m();
    rasters_.push_back(Raster::open(path, alone));
  }
  std::set<std::string> seen;
  for (const Raster& raster : rasters_)
    for (const std::string& name : raster.bands()) {
      const auto& known = canonical_bands();
      require(std::find(known.begin(), known.end(), name) != known.end(), [&] {
        return raster.path().string() + ": band '" + name +
               "' cannot be kept; name the bands with bands=..., '-' leaves one out";
      });
      require(seen.insert(name).second, [&] {
        return raster.path().string() + ": band '" + name +
               "' stands twice; name the bands with bands=...";
      });
    }
}

std::vector<std::uint8_t> PlaneReader::read(const TileGrid& grid, Example& e) const {
  e.width = grid.width;
  e.height = grid.height;
  std::vector<std::uint8_t> valid(static_cast<std::size_t>(grid.area()), 1);
  bool has_scale = false;
  for (const Raster& raster : rasters_) {
    std::vector<int> all(raster.bands().size());
    std::iota(all.begin(), all.end(), 0);
    std::vector<std::uint8_t> own;
    for (auto& plane : raster.read_raw(grid.window, all, &own, grid.width, grid.height))
      e.planes.push_back(std::move(plane));
    for (std::size_t i = 0; i < valid.size(); ++i) valid[i] &= own[i];
    for (const int band : all) {
      e.bands.push_back(raster.bands()[static_cast<std::size_t>(band)]);
      e.types.push_back(sample_type(raster.dtype()));
      has_scale |= raster.scale(band) || raster.offset(band);
      e.scale.push_back(static_cast<float>(raster.scale(band).value_or(1)));
      e.offset.push_back(static_cast<float>(raster.offset(band).value_or(0)));
    }
  }
  if (!has_scale) {
    e.scale.clear();
    e.offset.clear();
  }
  for (std::size_t band = 0; band < e.planes.size(); ++band)
    clear_invalid(e.planes[band], bytes_of(e.types[band]), valid);
  e.valid.assign(valid.begin(), valid.end());
  e.gsd_m = picture().gsd_m() * grid.scale();
  e.crs = picture().crs();
  const auto& t = picture().world_from_pixel().of_window(grid.window).scaled(grid.scale()).t;
  e.transform.assign(t.begin(), t.end());
  return valid;
}

}  // namespace canopy
