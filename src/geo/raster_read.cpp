// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <gdal_priv.h>

#include "base/error.h"
#include "geo/gdal_errors.h"
#include "geo/picture_file.h"
#include "geo/raster.h"
#include "geo/raster_file.h"

namespace canopy {
namespace {

using Source = RasterFile::Source;

/// Output pixels [out_begin, out_end) of one axis and the pixels of the picture that they show.
struct Span {
  int out_begin = 0, out_end = 0;
  double begin = 0, end = 0;
  int size() const { return out_end - out_begin; }
};

/// The outputs whose centre lies in the picture. GDAL reads nothing beyond the picture, so an
/// output pixel that its edge cuts is a span of its own; otherwise all the others would be
/// stretched a little.
std::vector<Span> spans_of(std::int64_t begin, std::int64_t extent, int out, std::int64_t picture) {
  const double scale = static_cast<double>(extent) / out;
  const double low = static_cast<double>(std::max<std::int64_t>(0, begin));
  const double high = static_cast<double>(std::min(picture, begin + extent));
  if (low >= high) return {};
  const auto source_of = [&](int pixel) { return static_cast<double>(begin) + pixel * scale; };
  const auto first_from = [&](double source) {
    const double at = (source - static_cast<double>(begin)) / scale - 0.5;
    return std::clamp(static_cast<int>(std::ceil(at)), 0, out);
  };
  const int first = first_from(low), last = first_from(high);
  if (first >= last) return {};
  const double slack = 1e-6 * scale;
  const int inner_first = source_of(first) < low - slack ? first + 1 : first;
  const int inner_last = source_of(last) > high + slack ? last - 1 : last;
  if (inner_first > inner_last) return {{first, last, low, high}};
  std::vector<Span> spans;
  if (first < inner_first) spans.push_back({first, inner_first, low, source_of(inner_first)});
  if (inner_first < inner_last)
    spans.push_back({inner_first,
                     inner_last,
                     std::max(low, source_of(inner_first)),
                     std::min(high, source_of(inner_last))});
  if (inner_last < last) spans.push_back({inner_last, last, source_of(inner_last), high});
  return spans;
}

/// Reads a window of any position into planes of out_width x out_height; what lies beyond the
/// picture is left alone.
class WindowReader {
 public:
  WindowReader(const RasterFile& impl, const Window& window, int out_width, int out_height)
      : impl_(impl),
        out_width_(out_width),
        out_height_(out_height),
        columns_(spans_of(window.x, window.width, out_width, impl.width)),
        rows_(spans_of(window.y, window.height, out_height, impl.height)) {
    const auto out_area = static_cast<std::int64_t>(out_width) * out_height;
    is_exact_ = window.width == out_width && window.height == out_height;
    resampling_ = is_exact_                  ? GRIORA_NearestNeighbour
                  : window.area() > out_area ? GRIORA_Average
                                             : GRIORA_Bilinear;
  }

  std::size_t area() const {
    return static_cast<std::size_t>(out_width_) * static_cast<std::size_t>(out_height_);
  }
  GDALRIOResampleAlg resampling() const { return resampling_; }

  /// `bands` (from 1) of one file into consecutive planes at `out`.
  void read(const Source& source,
            std::vector<int> bands,
            GDALDataType type,
            GDALRIOResampleAlg alg,
            void* out) const {
    read_into(
        source,
        type,
        out,
        [&](const Window& w,
            const Span& x,
            const Span& y,
            void* at,
            GSpacing line,
            GSpacing plane,
            GDALRasterIOExtraArg* extra) {
          return source.dataset->RasterIO(GF_Read,
                                          static_cast<int>(w.x),
                                          static_cast<int>(w.y),
                                          static_cast<int>(w.width),
                                          static_cast<int>(w.height),
                                          at,
                                          x.size(),
                                          y.size(),
                                          type,
                                          static_cast<int>(bands.size()),
                                          bands.data(),
                                          GDALGetDataTypeSizeBytes(type),
                                          line,
                                          plane,
                                          extra);
        },
        alg);
  }

  void read_mask(const Source& source, std::uint8_t* out) const {
    read_into(
        source,
        GDT_Byte,
        out,
        [&](const Window& w,
            const Span& x,
            const Span& y,
            void* at,
            GSpacing line,
            GSpacing,
            GDALRasterIOExtraArg* extra) {
          GDALRasterBand* mask = source.dataset->GetRasterBand(1)->GetMaskBand();
          return mask->RasterIO(GF_Read,
                                static_cast<int>(w.x),
                                static_cast<int>(w.y),
                                static_cast<int>(w.width),
                                static_cast<int>(w.height),
                                at,
                                x.size(),
                                y.size(),
                                GDT_Byte,
                                1,
                                line,
                                extra);
        },
        GRIORA_NearestNeighbour);
  }

  /// 1 inside the picture, 0 beyond.
  std::vector<std::uint8_t> inside() const {
    std::vector<std::uint8_t> result(area(), 0);
    for (const Span& y : rows_)
      for (const Span& x : columns_)
        for (int row = y.out_begin; row < y.out_end; ++row)
          std::fill_n(result.begin() + static_cast<std::int64_t>(row) * out_width_ + x.out_begin,
                      x.size(),
                      std::uint8_t{1});
    return result;
  }

 private:
  template <class Io>
  void read_into(const Source& source,
                 GDALDataType type,
                 void* out,
                 const Io& io,
                 GDALRIOResampleAlg alg) const {
    const std::int64_t item = GDALGetDataTypeSizeBytes(type);
    for (const Span& y : rows_)
      for (const Span& x : columns_) {
        GDALRasterIOExtraArg extra;
        INIT_RASTERIO_EXTRA_ARG(extra);
        extra.eResampleAlg = alg;
        extra.bFloatingPointWindowValidity = TRUE;
        extra.dfXOff = x.begin;
        extra.dfYOff = y.begin;
        extra.dfXSize = x.end - x.begin;
        extra.dfYSize = y.end - y.begin;
        Window w = {static_cast<std::int64_t>(std::floor(x.begin + 1e-9)),
                    static_cast<std::int64_t>(std::floor(y.begin + 1e-9))};
        w.width = std::min(impl_.width, static_cast<std::int64_t>(std::ceil(x.end - 1e-9))) - w.x;
        w.height = std::min(impl_.height, static_cast<std::int64_t>(std::ceil(y.end - 1e-9))) - w.y;
        auto* at = static_cast<std::uint8_t*>(out) +
                   (static_cast<std::int64_t>(y.out_begin) * out_width_ + x.out_begin) * item;
        const GSpacing line = item * out_width_, plane = item * static_cast<GSpacing>(area());
        for (int failures = 1;; ++failures) {
          GdalErrors errors;
          const CPLErr result = io(w, x, y, at, line, plane, &extra);
          if (result == CE_None && !errors.failed()) break;
          if (may_try_again(source.path, failures)) continue;
          throw Error(Fault::User,
                      source.path + ": pixels at column " + std::to_string(w.x) + ", row " +
                          std::to_string(w.y) + " cannot be read" + errors.suffix() +
                          "; the file is damaged or incomplete, copy it again");
        }
      }
  }

  const RasterFile& impl_;
  int out_width_, out_height_;
  bool is_exact_ = false;
  GDALRIOResampleAlg resampling_ = GRIORA_NearestNeighbour;
  std::vector<Span> columns_, rows_;
};

/// Clears what the file's alpha, mask and nodata say is no picture. An integer pixel is nodata
/// where all its bands are (0 may be a true dark red), a float one where any is.
void clear_invalid(const WindowReader& reader,
                   const Source& source,
                   std::vector<std::uint8_t>& valid) {
  const std::size_t area = reader.area();
  std::vector<std::uint8_t> bytes;
  const auto apply_bytes = [&] {
    for (std::size_t i = 0; i < area; ++i) valid[i] = valid[i] != 0 && bytes[i] != 0;
  };
  if (source.has_mask) {
    bytes.assign(area, 0);
    reader.read_mask(source, bytes.data());
    apply_bytes();
  }
  std::vector<float> samples;
  const auto read_band = [&](int band) {
    samples.assign(area, 0);
    reader.read(source, {band}, GDT_Float32, GRIORA_NearestNeighbour, samples.data());
  };
  if (source.alpha != 0) {
    read_band(source.alpha);
    for (std::size_t i = 0; i < area; ++i) valid[i] = valid[i] != 0 && samples[i] > 0;
  }
  const float nodata = static_cast<float>(source.nodata.value_or(NAN));
  if (source.is_float) {
    for (const int band : source.bands) {
      read_band(band);
      for (std::size_t i = 0; i < area; ++i)
        valid[i] = valid[i] != 0 && std::isfinite(samples[i]) && samples[i] != nodata;
    }
  } else if (source.nodata && !source.bands.empty()) {
    bytes.assign(area, 0);
    std::size_t suspects = area;
    for (std::size_t k = 0; k < source.bands.size() && suspects > 0; ++k) {
      read_band(source.bands[k]);
      suspects = 0;
      for (std::size_t i = 0; i < area; ++i) {
        bytes[i] = bytes[i] != 0 || samples[i] != nodata;
        suspects += bytes[i] == 0;
      }
    }
    apply_bytes();
  }
}

std::vector<std::uint8_t> validity(const RasterFile& impl,
                                   const WindowReader& reader,
                                   const std::vector<int>& band_indices) {
  std::vector<std::uint8_t> valid = reader.inside();
  std::vector<bool> is_used(impl.sources.size(), false);
  is_used[0] = true;
  for (const int band : band_indices)
    is_used[impl.planes[static_cast<std::size_t>(band)].source] = true;
  for (std::size_t i = 0; i < impl.sources.size(); ++i)
    if (is_used[i]) clear_invalid(reader, impl.sources[i], valid);
  return valid;
}

void check_request(const RasterFile& impl,
                   const Window& window,
                   const std::vector<int>& band_indices) {
  check(!window.empty(), "a window that is read has pixels");
  for (const int band : band_indices)
    check(band >= 0 && static_cast<std::size_t>(band) < impl.planes.size(),
          "a band index is in range");
}

}  // namespace

Pixels Raster::read(const Window& window,
                    const std::vector<int>& band_indices,
                    int out_width,
                    int out_height) const {
  check_request(*impl_, window, band_indices);
  Pixels pixels;
  pixels.width = out_width > 0 ? out_width : static_cast<int>(window.width);
  pixels.height = out_height > 0 ? out_height : static_cast<int>(window.height);
  pixels.bands = static_cast<int>(band_indices.size());
  const WindowReader reader(*impl_, window, pixels.width, pixels.height);
  const std::size_t area = reader.area();
  pixels.values.assign(area * band_indices.size(), 0);
  // Bands of one file are read in one call: pixel-interleaved files are decoded once.
  for (std::size_t first = 0; first < band_indices.size();) {
    const auto plane = [&](std::size_t i) -> const auto& {
      return impl_->planes[static_cast<std::size_t>(band_indices[i])];
    };
    std::vector<int> bands;
    std::size_t next = first;
    for (; next < band_indices.size() && plane(next).source == plane(first).source; ++next)
      bands.push_back(plane(next).band);
    reader.read(impl_->sources[plane(first).source],
                bands,
                GDT_Float32,
                reader.resampling(),
                pixels.values.data() + first * area);
    first = next;
  }
  pixels.valid = validity(*impl_, reader, band_indices);
  for (std::size_t i = 0; i < pixels.values.size(); ++i)
    if (pixels.valid[i % area] == 0) pixels.values[i] = 0;
  return pixels;
}

std::vector<std::vector<std::uint8_t>> Raster::read_raw(const Window& window,
                                                        const std::vector<int>& band_indices,
                                                        std::vector<std::uint8_t>* valid,
                                                        int out_width,
                                                        int out_height) const {
  check_request(*impl_, window, band_indices);
  const WindowReader reader(*impl_,
                            window,
                            out_width > 0 ? out_width : static_cast<int>(window.width),
                            out_height > 0 ? out_height : static_cast<int>(window.height));
  const GDALDataType type = impl_->dtype == "uint8"    ? GDT_Byte
                            : impl_->dtype == "uint16" ? GDT_UInt16
                                                       : GDT_Float32;
  const auto item = static_cast<std::size_t>(GDALGetDataTypeSizeBytes(type));
  std::vector<std::vector<std::uint8_t>> planes;
  for (const int index : band_indices) {
    const RasterFile::Plane& plane = impl_->planes[static_cast<std::size_t>(index)];
    planes.emplace_back(reader.area() * item, std::uint8_t{0});
    reader.read(impl_->sources[plane.source],
                {plane.band},
                type,
                reader.resampling(),
                planes.back().data());
  }
  if (valid != nullptr) *valid = validity(*impl_, reader, band_indices);
  return planes;
}

std::vector<std::uint32_t> Raster::read_ids(const Window& window) const {
  check_request(*impl_, window, {0});
  const RasterFile::Plane& plane = impl_->planes.front();
  const RasterFile::Source& source = impl_->sources[plane.source];
  require(
      GDALDataTypeIsInteger(source.dataset->GetRasterBand(plane.band)->GetRasterDataType()) != 0,
      [&] {
        return path().string() +
               ": is no label map; its first band must hold whole numbers (tree ids)";
      });
  const WindowReader reader(
      *impl_, window, static_cast<int>(window.width), static_cast<int>(window.height));
  std::vector<std::uint32_t> ids(reader.area(), 0u);
  reader.read(source, {plane.band}, GDT_UInt32, GRIORA_NearestNeighbour, ids.data());
  return ids;
}

}  // namespace canopy
