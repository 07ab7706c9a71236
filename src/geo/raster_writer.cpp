// SPDX-License-Identifier: Apache-2.0
#include "geo/raster_writer.h"

#include <algorithm>
#include <limits>

#include <cpl_string.h>
#include <gdal_priv.h>
#include <ogr_spatialref.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "geo/crs.h"
#include "geo/gdal_errors.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

GDALDataType gdal_type(RasterType type) {
  switch (type) {
    case RasterType::UInt8:
      return GDT_Byte;
    case RasterType::UInt16:
      return GDT_UInt16;
    case RasterType::UInt32:
      return GDT_UInt32;
    case RasterType::Float32:
      return GDT_Float32;
  }
  return GDT_Unknown;
}

GDALDriver& driver(const char* name) {
  GDALDriver* found = GetGDALDriverManager()->GetDriverByName(name);
  if (found == nullptr)
    throw Error(Fault::Environment,
                std::string("GDAL has no driver ") + name + "; install libgdal 3.6 or newer");
  return *found;
}

[[noreturn]] void throw_unwritten(const fs::path& path, const GdalErrors& errors) {
  std::error_code code;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const auto left = fs::space(folder, code).available;
  const bool is_full = !code && left < (1u << 20);
  throw Error(Fault::Environment,
              path.string() + ": cannot be written" + errors.suffix() +
                  (is_full ? "; the disk is full (No space left on device)" : ""));
}

bool starts_with_rgb(const std::vector<std::string>& bands) {
  return bands.size() >= 3 && bands[0] == "red" && bands[1] == "green" && bands[2] == "blue";
}

GDALColorInterp colour_of(const RasterSpec& spec, std::size_t band) {
  if (spec.alpha_last && band + 1 == spec.bands.size()) return GCI_AlphaBand;
  const std::string& name = spec.bands[band];
  if (name == "red") return GCI_RedBand;
  if (name == "green") return GCI_GreenBand;
  if (name == "blue") return GCI_BlueBand;
  return GCI_Undefined;
}

void describe(GDALDataset& dataset, const RasterSpec& spec) {
  if (!spec.crs.empty()) {
    OGRSpatialReference srs;
    srs.SetFromUserInput(canonical_crs(spec.crs).c_str());
    srs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    dataset.SetSpatialRef(&srs);
  }
  auto transform = spec.world_from_pixel.t;
  if (!spec.crs.empty() || spec.world_from_pixel != Transform{})
    dataset.SetGeoTransform(transform.data());
  for (std::size_t i = 0; i < spec.bands.size(); ++i) {
    GDALRasterBand& band = *dataset.GetRasterBand(static_cast<int>(i) + 1);
    band.SetDescription(spec.bands[i].c_str());
    if (spec.has_nodata) band.SetNoDataValue(spec.nodata);
    const GDALColorInterp colour = colour_of(spec, i);
    if (colour != band.GetColorInterpretation() && spec.bands.size() > 1)
      band.SetColorInterpretation(colour);
    if (spec.scale != 0 && colour != GCI_AlphaBand) band.SetScale(spec.scale);
  }
}

}  // namespace

struct RasterWriter::Impl {
  fs::path path;
  RasterSpec spec;
  GDALDataType type = GDT_Unknown;
  // A folder beside the target, under a name that is swept should we be killed; it holds all that
  // GDAL leaves behind.
  AtomicFile work;
  GDALDatasetUniquePtr dataset;

  Impl(fs::path p, RasterSpec s)
      : path(std::move(p)),
        spec(std::move(s)),
        type(gdal_type(spec.type)),
        work(fs::path(path) += ".writing") {}

  CPLErr io(GDALRWFlag flag, const Window& w, void* samples) const {
    check(!w.empty() && intersection(w, {0, 0, spec.width, spec.height}) == w,
          "a window that is written lies in the raster");
    const GSpacing item = GDALGetDataTypeSizeBytes(type);
    return dataset->RasterIO(flag,
                             static_cast<int>(w.x),
                             static_cast<int>(w.y),
                             static_cast<int>(w.width),
                             static_cast<int>(w.height),
                             samples,
                             static_cast<int>(w.width),
                             static_cast<int>(w.height),
                             type,
                             static_cast<int>(spec.bands.size()),
                             nullptr,
                             item,
                             item * w.width,
                             item * w.area(),
                             nullptr);
  }

  void make_cog(const fs::path& from, const fs::path& to) const {
    GdalErrors errors;
    CPLStringList options;
    for (const char* option : {"COMPRESS=DEFLATE",
                               "PREDICTOR=YES",
                               "BLOCKSIZE=512",
                               "OVERVIEWS=AUTO",
                               "NUM_THREADS=2",
                               "BIGTIFF=IF_SAFER"})
      options.AddString(option);
    options.AddString(spec.is_categorical ? "RESAMPLING=NEAREST" : "RESAMPLING=AVERAGE");
    GDALDatasetUniquePtr source(GDALDataset::Open(from.c_str(), GDAL_OF_RASTER));
    if (source == nullptr) throw_unwritten(path, errors);
    GDALDatasetUniquePtr cog(driver("COG").CreateCopy(
        to.c_str(), source.get(), FALSE, options.List(), nullptr, nullptr));
    const bool is_made = cog != nullptr;
    cog.reset();
    if (!is_made || errors.failed()) throw_unwritten(path, errors);
  }

  /// A file that says it is complete may still be cut off: the last block and each overview must be
  /// readable.
  void verify(const fs::path& file) const {
    GdalErrors errors;
    static const char* const drivers[] = {"GTiff", nullptr};
    GDALDatasetUniquePtr cog(GDALDataset::Open(file.c_str(), GDAL_OF_RASTER, drivers));
    bool ok = cog != nullptr && cog->GetRasterXSize() == spec.width &&
              cog->GetRasterYSize() == spec.height &&
              cog->GetRasterCount() == static_cast<int>(spec.bands.size()) &&
              cog->GetRasterBand(1)->GetRasterDataType() == type;
    const auto last_pixel = [&](GDALRasterBand& band) {
      double sample = 0;
      return band.RasterIO(GF_Read,
                           band.GetXSize() - 1,
                           band.GetYSize() - 1,
                           1,
                           1,
                           &sample,
                           1,
                           1,
                           GDT_Float64,
                           0,
                           0) == CE_None;
    };
    for (int i = 1; ok && i <= cog->GetRasterCount(); ++i) {
      GDALRasterBand& band = *cog->GetRasterBand(i);
      ok = last_pixel(band);
      for (int k = 0; ok && k < band.GetOverviewCount(); ++k) ok = last_pixel(*band.GetOverview(k));
    }
    if (!ok || errors.failed()) throw_unwritten(path, errors);
  }
};

RasterWriter::RasterWriter(fs::path path, RasterSpec spec)
    : impl_(std::make_unique<Impl>(std::move(path), std::move(spec))) {
  const RasterSpec& s = impl_->spec;
  constexpr auto kMost = std::numeric_limits<int>::max();
  check(s.width > 0 && s.height > 0 && s.width < kMost && s.height < kMost && !s.bands.empty(),
        "a raster that is written has pixels and bands");
  GdalErrors errors;
  std::error_code code;
  if (!fs::create_directory(impl_->work.path(), code))
    throw Error(Fault::Environment,
                impl_->path.string() + ": cannot be written: " + code.message());
  CPLStringList options;
  for (const char* option : {"TILED=YES",
                             "BLOCKXSIZE=512",
                             "BLOCKYSIZE=512",
                             "BIGTIFF=IF_SAFER",
                             "SPARSE_OK=TRUE",
                             "INTERLEAVE=BAND"})
    options.AddString(option);
  options.AddString(starts_with_rgb(s.bands) ? "PHOTOMETRIC=RGB" : "PHOTOMETRIC=MINISBLACK");
  options.AddString(s.alpha_last ? "ALPHA=YES" : "ALPHA=NO");
  impl_->dataset.reset(driver("GTiff").Create((impl_->work.path() / "plain.tif").c_str(),
                                              static_cast<int>(s.width),
                                              static_cast<int>(s.height),
                                              static_cast<int>(s.bands.size()),
                                              impl_->type,
                                              options.List()));
  if (impl_->dataset == nullptr) throw_unwritten(impl_->path, errors);
  describe(*impl_->dataset, s);
}

RasterWriter::~RasterWriter() {
  GdalErrors quiet;
  impl_->dataset.reset();
}

void RasterWriter::write(const Window& window, const void* samples) {
  check(impl_->dataset != nullptr, "a raster is written before it is finished");
  GdalErrors errors;
  // GDAL's interface is one for both directions; it does not change what it writes.
  if (impl_->io(GF_Write, window, const_cast<void*>(samples)) != CE_None || errors.failed())
    throw_unwritten(impl_->path, errors);
}

void RasterWriter::read(const Window& window, void* samples) const {
  check(impl_->dataset != nullptr, "a raster is read back before it is finished");
  GdalErrors errors;
  if (impl_->io(GF_Read, window, samples) != CE_None || errors.failed())
    throw_unwritten(impl_->path, errors);
}

void RasterWriter::finish() {
  check(impl_->dataset != nullptr, "a raster is finished once");
  const fs::path plain = impl_->work.path() / "plain.tif", cog = impl_->work.path() / "cog.tif";
  {
    GdalErrors errors;
    impl_->dataset.reset();
    if (errors.failed()) throw_unwritten(impl_->path, errors);
  }
  impl_->make_cog(plain, cog);
  impl_->verify(cog);
  AtomicFile file(impl_->path);
  fs::rename(cog, file.path());
  file.commit();
  std::error_code ignored;
  fs::remove_all(impl_->work.path(), ignored);
}

}  // namespace canopy
