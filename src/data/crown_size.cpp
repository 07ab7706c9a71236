// SPDX-License-Identifier: Apache-2.0
#include "data/crown_size.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace canopy {
namespace {

double median(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

double median_crown_px(const Example& example) {
  std::vector<double> pixels(example.objects.size());
  if (example.kind == LabelKind::Mask) {
    for (const std::uint16_t id : example.id_map)
      if (id != 0 && id <= pixels.size()) ++pixels[id - 1];
  } else if (example.kind == LabelKind::Box) {
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const LabelledObject& box = example.objects[i];
      pixels[i] = std::numbers::pi / 4 * (box.xmax - box.xmin) * (box.ymax - box.ymin);
    }
  }
  std::vector<double> whole, cut;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const LabelledObject& box = example.objects[i];
    if (box.is_crowd || pixels[i] <= 0) continue;
    const bool inside = box.xmin > 0.5f && box.ymin > 0.5f &&
                        box.xmax < static_cast<float>(example.width) - 0.5f &&
                        box.ymax < static_cast<float>(example.height) - 0.5f;
    (inside ? whole : cut).push_back(pixels[i]);
  }
  return median(whole.empty() ? cut : whole);
}

double point_side_px(const Example& example, const CropOptions& options) {
  return example.gsd_m > 0 ? options.point_crown_m / example.gsd_m
                           : std::sqrt(options.crown_px * 4 / std::numbers::pi);
}

double working_zoom(const Example& example, const CropOptions& options) {
  if (options.crown_px == 0) return 1;
  const bool is_of_points = example.kind == LabelKind::Point && !example.objects.empty();
  const double side = is_of_points ? point_side_px(example, options) : 0;
  const double own = is_of_points ? std::numbers::pi / 4 * side * side : median_crown_px(example);
  return own > 0 ? std::clamp(std::sqrt(options.crown_px / own), 0.125, 8.0) : 1.0;
}

}  // namespace canopy
