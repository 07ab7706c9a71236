// SPDX-License-Identifier: Apache-2.0
#include "geo/raster.h"

#include <algorithm>
#include <cmath>

#include <gdal_priv.h>
#include <gdal_utils.h>
#include <ogr_spatialref.h>

#include "base/error.h"
#include "geo/band_names.h"
#include "geo/crs.h"
#include "geo/gdal_errors.h"
#include "geo/picture_file.h"
#include "geo/raster_file.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

constexpr int kSmallPx = 512;  // a picture that needs no overviews

std::shared_ptr<GDALDataset> owned(GDALDataset* dataset) {
  return {dataset, [](GDALDataset* d) {
            GdalErrors quiet;
            if (d != nullptr) d->ReleaseRef();
          }};
}

std::shared_ptr<GDALDataset> open_dataset(const fs::path& path) {
  const std::string name = path.string();
  require_picture_file(path);
  const std::string gdal_name = gdal_name_of(path);
  static const char* const drivers[] = {
      "GTiff", "PNG", "JPEG", "JP2OpenJPEG", "HFA", "VRT", nullptr};
  // GDAL looks for files beside the picture; on S3 that would list the whole folder.
  const std::string file_name = path.filename().string();
  const char* const no_siblings[] = {file_name.c_str(), nullptr};
  std::shared_ptr<GDALDataset> dataset;
  for (int failures = 1;; ++failures) {
    GdalErrors errors;
    dataset = owned(GDALDataset::Open(gdal_name.c_str(),
                                      GDAL_OF_RASTER,
                                      drivers,
                                      nullptr,
                                      gdal_name == name ? nullptr : no_siblings));
    if (dataset) break;
    const bool says_more =
        errors.failed() && errors.text().find("not recognized") == std::string::npos;
    if (says_more && may_try_again(path, failures)) continue;
    throw Error(
        Fault::User,
        name + ": is not a picture that can be read (GeoTIFF, PNG, JPEG, JPEG 2000, IMG or VRT)" +
            (says_more ? errors.suffix() : ""));
  }
  require(dataset->GetRasterCount() > 0, [&] { return name + ": has no bands"; });
  return dataset;
}

/// A picture of palette entries as red, green and blue.
std::shared_ptr<GDALDataset> expand_palette(std::shared_ptr<GDALDataset> dataset,
                                            const std::string& name) {
  GDALRasterBand* band = dataset->GetRasterBand(1);
  if (band->GetColorInterpretation() != GCI_PaletteIndex || band->GetColorTable() == nullptr)
    return dataset;
  GdalErrors errors;
  const char* arguments[] = {"-of", "VRT", "-expand", "rgb", nullptr};
  GDALTranslateOptions* options = GDALTranslateOptionsNew(const_cast<char**>(arguments), nullptr);
  GDALDataset* expanded = GDALDataset::FromHandle(
      GDALTranslate("", GDALDataset::ToHandle(dataset.get()), options, nullptr));
  GDALTranslateOptionsFree(options);
  require(expanded != nullptr,
          [&] { return name + ": its colour palette cannot be read" + errors.suffix(); });
  return owned(expanded);
}

BandClue::Colour colour_of(GDALRasterBand& band) {
  switch (band.GetColorInterpretation()) {
    case GCI_RedBand:
      return BandClue::Colour::Red;
    case GCI_GreenBand:
      return BandClue::Colour::Green;
    case GCI_BlueBand:
      return BandClue::Colour::Blue;
    case GCI_GrayIndex:
      return BandClue::Colour::Gray;
    case GCI_AlphaBand:
      return BandClue::Colour::Alpha;
    default:
      return BandClue::Colour::Unknown;
  }
}

std::vector<BandClue> clues_of(GDALDataset& dataset) {
  std::vector<BandClue> clues;
  for (GDALRasterBand* band : dataset.GetBands())
    clues.push_back({band->GetDescription(), colour_of(*band)});
  return clues;
}

std::optional<double> if_stated(double (GDALRasterBand::*get)(int*), GDALRasterBand& band) {
  int stated = 0;
  const double value = (band.*get)(&stated);
  return stated != 0 ? std::optional(value) : std::nullopt;
}

std::string crs_of(GDALDataset& dataset) {
  const OGRSpatialReference* srs = dataset.GetSpatialRef();
  if (srs == nullptr || srs->IsEmpty()) return "";
  char* wkt = nullptr;
  srs->exportToWkt(&wkt);
  const std::string text = wkt == nullptr ? "" : wkt;
  CPLFree(wkt);
  return text.empty() ? "" : canonical_crs(text);
}

std::string dtype_of(GDALDataType type) {
  return type == GDT_Byte ? "uint8" : type == GDT_UInt16 ? "uint16" : "float32";
}

bool has_cog_layout(GDALDataset& dataset) {
  if (!EQUAL(dataset.GetDriverName(), "GTiff")) return false;
  GDALRasterBand& band = *dataset.GetRasterBand(1);
  int block_width = 0, block_height = 0;
  band.GetBlockSize(&block_width, &block_height);
  if (std::max(band.GetXSize(), band.GetYSize()) <= kSmallPx) return true;
  const bool is_tiled = block_width != band.GetXSize() || block_width == block_height;
  return is_tiled && band.GetOverviewCount() > 0;
}

/// Adds the bands of one file; `names` is one per band of it, as `name_bands` gives them.
void add_source(RasterFile& impl,
                const std::string& path,
                std::shared_ptr<GDALDataset> dataset,
                const std::vector<std::string>& names) {
  RasterFile::Source source;
  source.path = path;
  GDALRasterBand& first = *dataset->GetRasterBand(1);
  source.nodata = if_stated(&GDALRasterBand::GetNoDataValue, first);
  const int flags = first.GetMaskFlags();
  source.has_mask = (flags & GMF_PER_DATASET) != 0 && (flags & GMF_ALPHA) == 0;
  for (int i = 1; i <= dataset->GetRasterCount(); ++i) {
    GDALRasterBand& band = *dataset->GetRasterBand(i);
    const std::string& name = names[static_cast<std::size_t>(i - 1)];
    if (name == "alpha" && source.alpha == 0) source.alpha = i;
    if (name == "alpha" || name == "-") continue;
    require(std::find(impl.names.begin(), impl.names.end(), name) == impl.names.end(), [&] {
      return path + ": band '" + name + "' is in " + impl.path.string() + " already; leave one out";
    });
    const bool is_float = dtype_of(band.GetRasterDataType()) == "float32";
    source.is_float |= is_float;
    source.bands.push_back(i);
    impl.names.push_back(name);
    impl.planes.push_back({impl.sources.size(),
                           i,
                           if_stated(&GDALRasterBand::GetScale, band),
                           if_stated(&GDALRasterBand::GetOffset, band)});
    // GDAL says scale 1 and offset 0 where a file says nothing.
    auto& plane = impl.planes.back();
    if (plane.scale == 1.0 && plane.offset.value_or(0) == 0.0)
      plane.scale = plane.offset = std::nullopt;
    const std::string dtype = dtype_of(band.GetRasterDataType());
    const bool is_wider =
        impl.dtype.empty() || dtype == "float32" || (dtype == "uint16" && impl.dtype == "uint8");
    if (is_wider) impl.dtype = dtype;
  }
  source.dataset = std::move(dataset);
  impl.sources.push_back(std::move(source));
}

void place(RasterFile& impl, GDALDataset& dataset, double gsd_m) {
  const std::string name = impl.path.string();
  std::array<double, 6> t = {};
  const bool has_place = dataset.GetGeoTransform(t.data()) == CE_None;
  GdalErrors errors;
  if (has_place) impl.crs = crs_of(dataset);
  if (impl.crs.empty()) {
    require(gsd_m > 0 && std::isfinite(gsd_m),
            [&] { return name + ": has no georeference; pass --gsd METRES_PER_PIXEL"; });
    impl.world_from_pixel = {{0, gsd_m, 0, 0, 0, -gsd_m}};
    impl.gsd_m = gsd_m;
    return;
  }
  impl.world_from_pixel = {t};
  const double area = t[1] * t[5] - t[2] * t[4];
  require(std::isfinite(area) && area != 0,
          [&] { return name + ": its geotransform is degenerate (a pixel has no area)"; });
  try {
    impl.gsd_m = ground_pixel_m(impl.crs,
                                impl.world_from_pixel,
                                static_cast<double>(impl.width) / 2,
                                static_cast<double>(impl.height) / 2);
  } catch (const Error& error) {
    throw add_context(name, error);
  }
}

void add_extra(RasterFile& impl, const std::string& given_name, const fs::path& path) {
  auto dataset = open_dataset(path);
  const std::string name = path.string();
  const auto understood = understood_band(given_name);
  require(understood && *understood != "alpha", [&] {
    return name + ": '" + given_name +
           "' is no band that Canopy knows (blue green red red_edge nir swir thermal pan dsm)";
  });
  std::vector<std::string> names;
  for (const BandClue& clue : clues_of(*dataset))
    names.push_back(clue.colour == BandClue::Colour::Alpha ? "alpha" : *understood);
  require(std::count(names.begin(), names.end(), *understood) == 1, [&] {
    return name + ": has " + std::to_string(names.size()) + " bands; a file for one band (" +
           *understood + ") must have one";
  });
  const auto size = [](std::int64_t w, std::int64_t h) {
    return std::to_string(w) + " x " + std::to_string(h) + " px";
  };
  bool is_same =
      dataset->GetRasterXSize() == impl.width && dataset->GetRasterYSize() == impl.height;
  std::array<double, 6> t = {};
  const bool has_place = dataset->GetGeoTransform(t.data()) == CE_None;
  if (is_same && has_place && !impl.crs.empty()) {
    const double w = static_cast<double>(impl.width), h = static_cast<double>(impl.height);
    for (const Point& corner : {Point{0, 0}, Point{w, 0}, Point{0, h}}) {
      const Point pixel =
          impl.world_from_pixel.pixel_from_world(Transform{t}.world_from_pixel(corner.x, corner.y));
      is_same = is_same && std::hypot(pixel.x - corner.x, pixel.y - corner.y) < 0.01;
    }
    const std::string crs = crs_of(*dataset);
    is_same = is_same && (crs.empty() || same_crs(crs, impl.crs));
  }
  require(is_same, [&] {
    return name + ": its grid (" + size(dataset->GetRasterXSize(), dataset->GetRasterYSize()) +
           ") is not that of " + impl.path.string() + " (" + size(impl.width, impl.height) +
           "); warp one to the other's extent, size and CRS";
  });
  add_source(impl, name, std::move(dataset), names);
}

}  // namespace

Raster::Raster(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Raster::~Raster() = default;
Raster::Raster(Raster&&) noexcept = default;
Raster& Raster::operator=(Raster&&) noexcept = default;

Raster Raster::open(const fs::path& path, const RasterOptions& options) {
  start_gdal();
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  auto file = open_dataset(path);
  impl->width = file->GetRasterXSize();
  impl->height = file->GetRasterYSize();
  impl->is_cog = has_cog_layout(*file);
  place(*impl, *file, options.gsd_m);
  file = expand_palette(std::move(file), path.string());
  const BandNames named = name_bands(path.string(), clues_of(*file), options.bands);
  impl->origin = named.origin;
  add_source(*impl, path.string(), std::move(file), named.names);
  for (const auto& [name, extra_path] : options.extra) add_extra(*impl, name, extra_path);
  require(!impl->names.empty(), [&] { return path.string() + ": every band is left out"; });
  return Raster(std::move(impl));
}

const fs::path& Raster::path() const { return impl_->path; }
std::int64_t Raster::width() const { return impl_->width; }
std::int64_t Raster::height() const { return impl_->height; }
const std::vector<std::string>& Raster::bands() const { return impl_->names; }
const std::string& Raster::band_origin() const { return impl_->origin; }
const std::string& Raster::dtype() const { return impl_->dtype; }
const std::string& Raster::crs() const { return impl_->crs; }
const Transform& Raster::world_from_pixel() const { return impl_->world_from_pixel; }
double Raster::gsd_m() const { return impl_->gsd_m; }
bool Raster::is_cog() const { return impl_->is_cog; }

std::optional<int> Raster::band(const std::string& name) const {
  const auto it = std::find(impl_->names.begin(), impl_->names.end(), name);
  if (it == impl_->names.end()) return std::nullopt;
  return static_cast<int>(it - impl_->names.begin());
}

std::optional<double> Raster::scale(int band) const {
  return impl_->planes.at(static_cast<std::size_t>(band)).scale;
}

std::optional<double> Raster::offset(int band) const {
  return impl_->planes.at(static_cast<std::size_t>(band)).offset;
}

}  // namespace canopy
