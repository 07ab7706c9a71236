// SPDX-License-Identifier: Apache-2.0
#include "ingest/tile_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <optional>

namespace canopy {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

template <class T>
std::vector<float> samples_as(const Plane& plane) {
  std::vector<T> raw(plane.size() / sizeof(T));
  std::memcpy(raw.data(), plane.data(), plane.size());
  return {raw.begin(), raw.end()};
}

std::vector<float> samples_of(const Example& e, std::size_t band) {
  const Plane& plane = e.planes[band];
  switch (e.types[band]) {
    case SampleType::UInt8:
      return {plane.begin(), plane.end()};
    case SampleType::UInt16:
      return samples_as<std::uint16_t>(plane);
    case SampleType::Float32:
      break;
  }
  return samples_as<float>(plane);
}

struct Moments {
  double mean = kUnknown, variance = kUnknown;
};

/// Of the values that `is_counted(i)`.
template <class IsCounted>
Moments moments_of(const std::vector<float>& values, const IsCounted& is_counted) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (is_counted(i)) sum += values[i], ++n;
  if (n == 0) return {};
  const double mean = sum / n;
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (is_counted(i)) squares += (values[i] - mean) * (values[i] - mean);
  return {mean, squares / n};
}

double median_of(std::vector<double> values) {
  if (values.empty()) return kUnknown;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// The picture's side of a row.
class PictureStatistics {
 public:
  explicit PictureStatistics(const Example& e)
      : e_(e), pixels_(static_cast<std::size_t>(e.width) * static_cast<std::size_t>(e.height)) {
    valid_.assign(pixels_, 1);
    for (std::size_t i = 0; i < e.valid.size(); ++i) valid_[i] = e.valid[i];
  }

  void fill(TileRow& row) {
    row.valid_fraction = static_cast<double>(std::count(valid_.begin(), valid_.end(), 1)) /
                         static_cast<double>(pixels_);
    const auto is_valid = [&](std::size_t i) { return valid_[i] != 0; };
    std::vector<std::uint8_t> saturated(pixels_, 0);
    bool has_integers = false;
    for (std::size_t band = 0; band < e_.bands.size(); ++band) {
      std::vector<float> values = samples_of(e_, band);
      if (e_.types[band] != SampleType::Float32) {
        has_integers = true;
        const float end = e_.types[band] == SampleType::UInt8 ? 255.0F : 65535.0F;
        for (std::size_t i = 0; i < pixels_; ++i) saturated[i] |= values[i] == end;
      }
      const float scale = e_.scale.empty() ? 1 : e_.scale[band],
                  offset = e_.offset.empty() ? 0 : e_.offset[band];
      for (float& v : values) v = v * scale + offset;
      const Moments moments = moments_of(values, is_valid);
      row.band_mean[e_.bands[band]] = moments.mean;
      row.band_sd[e_.bands[band]] = std::sqrt(moments.variance);
      values_.push_back(std::move(values));
    }
    row.ndvi_mean = index_mean("nir", "red");
    row.ndre_mean = index_mean("nir", "red_edge");
    double count = 0, n = 0;
    for (std::size_t i = 0; i < pixels_; ++i)
      if (valid_[i]) count += saturated[i], ++n;
    row.saturated_fraction = has_integers && n > 0 ? count / n : kUnknown;
    const std::vector<float> brightness = brightness_of();
    row.sharpness = sharpness_of(brightness);
    row.phash = hash_of(brightness);
  }

 private:
  const std::vector<float>* values_of(const char* name) const {
    for (std::size_t band = 0; band < e_.bands.size(); ++band)
      if (e_.bands[band] == name) return &values_[band];
    return nullptr;
  }

  double index_mean(const char* high, const char* low) const {
    const auto *h = values_of(high), *l = values_of(low);
    double sum = 0, n = 0;
    if (!h || !l) return kUnknown;
    for (std::size_t i = 0; i < pixels_; ++i) {
      const double total = double{(*h)[i]} + double{(*l)[i]};
      if (valid_[i] && total > 0) sum += (double{(*h)[i]} - double{(*l)[i]}) / total, ++n;
    }
    return n > 0 ? sum / n : kUnknown;
  }

  /// The mean of the visible bands, of the first band where there is none.
  std::vector<float> brightness_of() const {
    std::vector<float> sum(pixels_, 0);
    bool has_any = false;
    for (const char* name : {"blue", "green", "red"})
      if (const auto* values = values_of(name)) {
        has_any = true;
        for (std::size_t i = 0; i < pixels_; ++i) sum[i] += (*values)[i];
      }
    return has_any ? sum : values_[0];
  }

  double sharpness_of(const std::vector<float>& b) const {
    const auto width = static_cast<std::size_t>(e_.width),
               height = static_cast<std::size_t>(e_.height);
    std::vector<float> laplacian(pixels_, 0);
    std::vector<std::uint8_t> whole(pixels_, 0);
    for (std::size_t y = 1; y + 1 < height; ++y)
      for (std::size_t i = y * width + 1; i < y * width + width - 1; ++i) {
        if (!valid_[i] || !valid_[i - 1] || !valid_[i + 1] || !valid_[i - width] ||
            !valid_[i + width])
          continue;
        laplacian[i] = 4 * b[i] - b[i - 1] - b[i + 1] - b[i - width] - b[i + width];
        whole[i] = 1;
      }
    const double contrast = moments_of(b, [&](std::size_t i) { return valid_[i] != 0; }).variance;
    const double edges =
        moments_of(laplacian, [&](std::size_t i) { return whole[i] != 0; }).variance;
    return contrast > 0 ? edges / contrast : kUnknown;
  }

  std::uint64_t hash_of(const std::vector<float>& b) const {
    constexpr std::size_t kSide = 32, kLow = 8;
    const double fill = moments_of(b, [&](std::size_t i) { return valid_[i] != 0; }).mean;
    std::array<double, kSide* kSide> sum = {}, n = {};
    for (int y = 0; y < e_.height; ++y)
      for (int x = 0; x < e_.width; ++x) {
        const std::size_t i = static_cast<std::size_t>(y) * static_cast<std::size_t>(e_.width) +
                              static_cast<std::size_t>(x);
        const std::size_t cell =
            static_cast<std::size_t>(y) * kSide / static_cast<std::size_t>(e_.height) * kSide +
            static_cast<std::size_t>(x) * kSide / static_cast<std::size_t>(e_.width);
        if (valid_[i]) sum[cell] += b[i], ++n[cell];
      }
    for (std::size_t cell = 0; cell < sum.size(); ++cell)
      sum[cell] = n[cell] > 0 ? sum[cell] / n[cell] : fill;
    std::array<double, kLow* kLow> low = {};
    for (std::size_t v = 0; v < kLow; ++v)
      for (std::size_t u = 0; u < kLow; ++u)
        for (std::size_t y = 0; y < kSide; ++y)
          for (std::size_t x = 0; x < kSide; ++x)
            low[v * kLow + u] += sum[y * kSide + x] * cosine(y, v) * cosine(x, u);
    const double middle = median_of({low.begin() + 1, low.end()});
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < low.size(); ++i) hash |= std::uint64_t{low[i] > middle} << i;
    return hash;
  }

  static double cosine(std::size_t position, std::size_t frequency) {
    static const auto table = [] {
      std::array<std::array<double, 8>, 32> t = {};
      for (int p = 0; p < 32; ++p)
        for (int f = 0; f < 8; ++f)
          t[static_cast<std::size_t>(p)][static_cast<std::size_t>(f)] =
              std::cos(std::numbers::pi * (p + 0.5) * f / 32);
      return t;
    }();
    return table[position][frequency];
  }

  const Example& e_;
  std::size_t pixels_;
  std::vector<std::uint8_t> valid_;
  std::vector<std::vector<float>> values_;
};

bool is_cut(const Example& e, const LabelledObject& o) {
  return o.xmin <= 0 || o.ymin <= 0 || o.xmax >= static_cast<float>(e.width) ||
         o.ymax >= static_cast<float>(e.height);
}

/// Pixels of each object.
std::vector<double> crown_sizes(const Example& e) {
  std::vector<double> sizes(e.objects.size(), 0);
  if (e.kind == LabelKind::Mask) {
    for (const std::uint16_t id : e.id_map)
      if (id > 0) ++sizes[id - 1U];
  } else {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const LabelledObject& o = e.objects[i];
      sizes[i] = std::numbers::pi / 4 * double{o.xmax - o.xmin} * double{o.ymax - o.ymin};
    }
  }
  return sizes;
}

double touching_fraction(const Example& e) {
  std::vector<std::uint8_t> touches(e.objects.size(), 0);
  if (e.kind == LabelKind::Mask) {
    const auto width = static_cast<std::size_t>(e.width);
    const auto meet = [&](std::uint16_t a, std::uint16_t b) {
      if (a != 0 && b != 0 && a != b) touches[a - 1U] = touches[b - 1U] = 1;
    };
    for (std::size_t i = 0; i < e.id_map.size(); ++i) {
      if (i % width + 1 < width) meet(e.id_map[i], e.id_map[i + 1]);
      if (i + width < e.id_map.size()) meet(e.id_map[i], e.id_map[i + width]);
    }
  } else {
    for (std::size_t i = 0; i < e.objects.size(); ++i)
      for (std::size_t j = i + 1; j < e.objects.size(); ++j) {
        const LabelledObject &a = e.objects[i], &b = e.objects[j];
        if (a.xmin < b.xmax && b.xmin < a.xmax && a.ymin < b.ymax && b.ymin < a.ymax)
          touches[i] = touches[j] = 1;
      }
  }
  return static_cast<double>(std::count(touches.begin(), touches.end(), 1)) /
         static_cast<double>(touches.size());
}

double spacing_px(const Example& e) {
  std::vector<double> nearest;
  if (e.objects.size() < 2) return kUnknown;
  for (const LabelledObject& a : e.objects) {
    double best = std::numeric_limits<double>::infinity();
    for (const LabelledObject& b : e.objects)
      if (&a != &b)
        best = std::min(best,
                        std::hypot(double{a.xmin + a.xmax - b.xmin - b.xmax},
                                   double{a.ymin + a.ymax - b.ymin - b.ymax}) /
                            2);
    nearest.push_back(best);
  }
  return median_of(nearest);
}

void fill_crowns(const Example& e, TileRow& row) {
  const std::vector<double> sizes = crown_sizes(e);
  std::vector<double> whole;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    if (!is_cut(e, e.objects[i]) && !e.objects[i].is_crowd) whole.push_back(sizes[i]);
  row.cut_by_edge =
      std::any_of(e.objects.begin(), e.objects.end(), [&](const auto& o) { return is_cut(e, o); });
  if (whole.empty()) whole = sizes;
  const double pixel_m2 = e.gsd_m > 0 ? e.gsd_m * e.gsd_m : kUnknown;
  row.crown_px_median = median_of(whole);
  row.crown_area_m2_min = *std::min_element(whole.begin(), whole.end()) * pixel_m2;
  row.crown_area_m2_median = row.crown_px_median * pixel_m2;
  row.crown_area_m2_max = *std::max_element(whole.begin(), whole.end()) * pixel_m2;
  row.touching_fraction = touching_fraction(e);
}

void fill_trees(const Example& e, TileRow& row) {
  row.tree_count = row.dead_count = 0;
  for (const LabelledObject& o : e.objects)
    if (!o.is_crowd) ++(o.label == ObjectClass::DeadTree ? row.dead_count : row.tree_count);
  row.canopy_fraction = row.crown_area_m2_min = row.crown_area_m2_median = row.crown_area_m2_max =
      kUnknown;
  row.crown_px_median = row.touching_fraction = kUnknown;
  row.cut_by_edge = false;
  row.spacing_m_median = e.gsd_m > 0 ? spacing_px(e) * e.gsd_m : kUnknown;
  const double valid =
      row.valid_fraction * static_cast<double>(e.width) * static_cast<double>(e.height);
  if (e.kind == LabelKind::Mask && valid > 0)
    row.canopy_fraction =
        static_cast<double>(e.id_map.size() - static_cast<std::size_t>(std::count(
                                                  e.id_map.begin(), e.id_map.end(), 0))) /
        valid;
  if (!e.objects.empty() && (e.kind == LabelKind::Mask || e.kind == LabelKind::Box))
    fill_crowns(e, row);
}

}  // namespace

void fill_statistics(const Example& e, TileRow& row) {
  row.width_px = e.width;
  row.height_px = e.height;
  row.gsd_m = e.gsd_m > 0 ? e.gsd_m : kUnknown;
  row.bands.clear();
  for (const std::string& band : e.bands) row.bands += (row.bands.empty() ? "" : ",") + band;
  row.dtype.clear();
  for (const SampleType type : e.types)
    if (row.dtype.find(name_of(type)) == std::string::npos)
      row.dtype += std::string(row.dtype.empty() ? "" : ",") + name_of(type);
  PictureStatistics(e).fill(row);
  fill_trees(e, row);
}

}  // namespace canopy
