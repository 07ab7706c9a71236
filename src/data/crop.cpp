// SPDX-License-Identifier: Apache-2.0
#include "data/crop.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <ATen/ATen.h>

#include "base/error.h"
#include "data/crown_size.h"
#include "nn/bands.h"

namespace canopy {
namespace {

constexpr float kSmallestSide_px = 2;  ///< what is narrower in the crop is ignored

AffineNormalisation normalisation_of(const Example& example,
                                     const Normalisation& normalisation,
                                     int model_band,
                                     int band) {
  const double scale = example.scale.empty() ? 0 : example.scale[band];
  const double offset = example.offset.empty() ? 0 : example.offset[band];
  return normalise_plane(normalisation, model_band, name_of(example.types[band]), scale, offset);
}

/// What the crop's pixels are: ids, and what is to be ignored. Pixels without a picture are put
/// into `blank`.
void cut_labels(const Example& example,
                const Placement& placement,
                const SampleMemory& memory,
                std::vector<std::int64_t>& blank) {
  const std::vector<int> columns = nearest_columns(placement, example.width);
  const std::vector<int> rows = nearest_rows(placement, example.height);
  const TurnedLayout layout = layout_of(placement);
  const bool has_invalid = !example.valid.empty(), has_ignored = !example.ignore.empty();
  for (int v = 0; v < placement.height; ++v) {
    const std::size_t row = static_cast<std::size_t>(std::max(0, rows[v])) * example.width;
    const std::uint16_t* ids = example.id_map.empty() ? nullptr : &example.id_map[row];
    std::int64_t to = layout.offset + v * layout.dv;
    for (int u = 0; u < placement.width; ++u, to += layout.du) {
      const int column = columns[u];
      const bool is_seen = column >= 0 && rows[v] >= 0 &&
                           (!has_invalid || example.valid[row + static_cast<std::size_t>(column)]);
      if (!is_seen) blank.push_back(to);
      memory.ignore[to] =
          !is_seen || (has_ignored && example.ignore[row + static_cast<std::size_t>(column)]);
      memory.id_map[to] = is_seen && ids ? ids[column] : 0;
    }
  }
}

/// Calls `visit(id, first, end)` for each run of an id that is not 0. Crowns are many pixels wide,
/// so there are few runs.
template <class Id>
void visit_runs(const Id* ids, std::int64_t count, const auto& visit) {
  for (std::int64_t first = 0; first < count;) {
    const Id id = ids[first];
    std::int64_t end = first + 1;
    while (end < count && ids[end] == id) ++end;
    if (id != 0) visit(id, first, end);
    first = end;
  }
}

struct Extent_px {
  float x0, y0, x1, y1;
};

/// What the labels are gathered in before they become tensors.
struct Gathered {
  std::vector<Extent_px> boxes;
  std::vector<std::int64_t> classes, ids;

  void add(const Extent_px& box, ObjectClass label, std::int64_t id) {
    boxes.push_back(box);
    classes.push_back(static_cast<std::int64_t>(label));
    ids.push_back(id);
  }
};

/// Keeps each crown that shows enough of itself; the pixels of the others are ignored.
void gather_masks(const Example& example,
                  const Placement& placement,
                  double keep_visible,
                  const SampleMemory& memory,
                  Gathered& gathered) {
  struct Seen {
    std::int64_t whole_px = 0, crop_px = 0;
    int x0 = 1 << 30, y0 = 1 << 30, x1 = 0, y1 = 0;
    bool is_kept = false;
  };
  std::vector<Seen> seen(example.objects.size() + 1);
  visit_runs(example.id_map.data(),
             std::ssize(example.id_map),
             [&](std::uint16_t id, std::int64_t first, std::int64_t end) {
               if (id < seen.size()) seen[id].whole_px += end - first;
             });
  const int size = placement.width;
  for (int y = 0; y < size; ++y)
    visit_runs(memory.id_map + static_cast<std::ptrdiff_t>(y) * size,
               size,
               [&](std::int32_t id, std::int64_t first, std::int64_t end) {
                 if (id >= std::ssize(seen)) return;
                 Seen& crown = seen[id];
                 crown.crop_px += end - first;
                 crown.x0 = std::min(crown.x0, static_cast<int>(first));
                 crown.x1 = std::max(crown.x1, static_cast<int>(end));
                 crown.y0 = std::min(crown.y0, y), crown.y1 = y + 1;
               });
  for (std::size_t id = 1; id < seen.size(); ++id) {
    Seen& crown = seen[id];
    if (crown.crop_px == 0 || example.objects[id - 1].is_crowd) continue;
    const double whole = static_cast<double>(crown.whole_px) * placement.zoom * placement.zoom;
    const Extent_px box{static_cast<float>(crown.x0),
                        static_cast<float>(crown.y0),
                        static_cast<float>(crown.x1),
                        static_cast<float>(crown.y1)};
    crown.is_kept = static_cast<double>(crown.crop_px) >= keep_visible * whole &&
                    std::min(box.x1 - box.x0, box.y1 - box.y0) >= kSmallestSide_px;
    if (crown.is_kept)
      gathered.add(box, example.objects[id - 1].label, static_cast<std::int64_t>(id));
  }
  visit_runs(memory.id_map,
             std::int64_t{size} * size,
             [&](std::int32_t id, std::int64_t first, std::int64_t end) {
               if (id < std::ssize(seen) && seen[id].is_kept) return;
               std::fill(memory.id_map + first, memory.id_map + end, 0);
               std::fill(memory.ignore + first, memory.ignore + end, true);
             });
}

/// The box in the crop's pixels, turned with it.
Extent_px turned(const LabelledObject& object, const Placement& placement) {
  const auto size = static_cast<float>(placement.width);
  const auto x = [&](float v) {
    return static_cast<float>((static_cast<double>(v) - placement.x0) * placement.zoom);
  };
  const auto y = [&](float v) {
    return static_cast<float>((static_cast<double>(v) - placement.y0) * placement.zoom);
  };
  Extent_px box{x(object.xmin), y(object.ymin), x(object.xmax), y(object.ymax)};
  if ((placement.turn & 1) != 0) box = {size - box.x1, box.y0, size - box.x0, box.y1};
  for (int quarter = 0; quarter < placement.turn / 2; ++quarter)
    box = {size - box.y1, box.x0, size - box.y0, box.x1};
  return box;
}

void ignore_box(const Extent_px& box, int size, bool* ignore) {
  for (auto y = static_cast<int>(std::floor(box.y0)); y < static_cast<int>(std::ceil(box.y1)); ++y)
    std::fill(ignore + static_cast<std::ptrdiff_t>(y) * size + static_cast<int>(std::floor(box.x0)),
              ignore + static_cast<std::ptrdiff_t>(y) * size + static_cast<int>(std::ceil(box.x1)),
              true);
}

/// A square around each place inside the crop.
void gather_points(const Example& example,
                   const Placement& placement,
                   const CropOptions& options,
                   Gathered& gathered) {
  const auto size = static_cast<float>(placement.width);
  const auto half = static_cast<float>(point_side_px(example, options) * placement.zoom / 2);
  for (const LabelledObject& object : example.objects) {
    const Extent_px place = turned(object, placement);
    if (place.x0 >= 0 && place.x0 < size && place.y0 >= 0 && place.y0 < size)
      gathered.add(
          {place.x0 - half, place.y0 - half, place.x0 + half, place.y0 + half}, object.label, 0);
  }
}

void gather_boxes(const Example& example,
                  const Placement& placement,
                  double keep_visible,
                  const SampleMemory& memory,
                  Gathered& gathered) {
  const auto size = static_cast<float>(placement.width);
  for (const LabelledObject& object : example.objects) {
    const Extent_px whole = turned(object, placement);
    const Extent_px box{std::clamp(whole.x0, 0.0f, size),
                        std::clamp(whole.y0, 0.0f, size),
                        std::clamp(whole.x1, 0.0f, size),
                        std::clamp(whole.y1, 0.0f, size)};
    const float width = box.x1 - box.x0, height = box.y1 - box.y0;
    if (width <= 0 || height <= 0) continue;
    const double area = static_cast<double>(whole.x1 - whole.x0) * (whole.y1 - whole.y0);
    const bool is_kept = !object.is_crowd && std::min(width, height) >= kSmallestSide_px &&
                         static_cast<double>(width) * height >= keep_visible * area;
    if (is_kept)
      gathered.add(box, object.label, 0);
    else
      ignore_box(box, placement.width, memory.ignore);
  }
}

template <class T>
at::Tensor tensor_of(const std::vector<T>& values, at::ScalarType type, at::IntArrayRef shape) {
  at::Tensor tensor = at::empty(shape, type);
  std::copy_n(reinterpret_cast<const char*>(values.data()),
              values.size() * sizeof(T),
              static_cast<char*>(tensor.data_ptr()));
  return tensor;
}

}  // namespace

void CropOptions::validate() const {
  require(size_px >= 32 && size_px % 32 == 0, [&] {
    return "crop-px is " + std::to_string(size_px) + "; it must be a multiple of 32";
  });
  require(crown_px >= 16 || crown_px == 0,
          "crown-px must be at least 16, or 0 for tiles at their own scale");
  require(point_crown_m > 0, "point-crown-m must be positive");
  require(zoom_low > 0 && zoom_low <= zoom_high,
          "zoom-low must be positive and not above zoom-high");
  require(tree_centred >= 0 && tree_centred <= 1, "tree-centred must lie in [0, 1]");
  require(keep_visible >= 0 && keep_visible <= 1, "keep-visible must lie in [0, 1]");
  augmentation.validate();
}

Placement draw_placement(const Example& example, const CropOptions& options, Random& random) {
  const double factor =
      std::exp(random.uniform(std::log(options.zoom_low), std::log(options.zoom_high)));
  Placement placement;
  placement.width = placement.height = options.size_px;
  placement.zoom = working_zoom(example, options) * (options.augment ? factor : 1.0);
  const double edge = options.size_px / placement.zoom;
  const bool is_centred = random.chance(options.tree_centred) && !example.objects.empty();
  const std::int64_t chosen = random.below(std::max<std::int64_t>(1, std::ssize(example.objects)));
  // Inside the tile where the window fits, else around the whole of it.
  const auto corner = [&](int tile_edge, double centre) {
    const double first = std::min(0.0, tile_edge - edge), last = std::max(0.0, tile_edge - edge);
    const double anywhere = random.uniform(first, last);
    const double around = centre - edge * random.uniform(0.25, 0.75);
    return is_centred ? std::clamp(around, first, last) : anywhere;
  };
  const LabelledObject object = example.objects.empty()
                                    ? LabelledObject{}
                                    : example.objects[static_cast<std::size_t>(chosen)];
  placement.x0 = corner(example.width, (object.xmin + object.xmax) / 2);
  placement.y0 = corner(example.height, (object.ymin + object.ymax) / 2);
  placement.turn = static_cast<int>(random.below(8));
  if (!options.augment) placement.turn = 0;
  return placement;
}

SampleLabels cut_sample(const Example& example,
                        const Placement& placement,
                        const CropOptions& options,
                        const Normalisation& normalisation,
                        Random& random,
                        const SampleMemory& memory) {
  check(placement.width == placement.height, "a sample is square");
  const int size = placement.width;
  const std::ptrdiff_t pixels = std::ptrdiff_t{size} * size;
  const auto places = places_of_model_bands(example.bands);
  std::array<bool, kModelBands.size()> present;
  for (std::size_t b = 0; b < places.size(); ++b) present[b] = places[b].has_value();
  Augmentation augmentation;
  augmentation.bands.resize(places.size());
  if (options.augment)
    augmentation = draw_augmentation(options.augmentation, present, size, random);
  std::vector<std::int64_t> blank;
  cut_labels(example, placement, memory, blank);
  for (std::size_t b = 0; b < places.size(); ++b) {
    float* plane = memory.planes + static_cast<std::ptrdiff_t>(b) * pixels;
    if (!present[b] || augmentation.bands[b].is_dropped) {
      std::fill_n(plane, pixels, 0.0f);
      continue;
    }
    const int model_band = static_cast<int>(b);
    const AffineNormalisation affine =
        with_gain(normalisation,
                  model_band,
                  normalisation_of(example, normalisation, model_band, *places[b]),
                  augmentation.bands[b]);
    resample_plane(example, *places[b], placement, affine.factor, affine.shift, plane);
    finish_plane(augmentation, normalisation, model_band, size, plane);
    for (const std::int64_t at : blank) plane[at] = 0;
  }
  Gathered gathered;
  if (example.kind == LabelKind::Mask)
    gather_masks(example, placement, options.keep_visible, memory, gathered);
  else if (example.kind == LabelKind::Point)
    gather_points(example, placement, options, gathered);
  else
    gather_boxes(example, placement, options.keep_visible, memory, gathered);
  const std::int64_t n = std::ssize(gathered.boxes);
  SampleLabels labels;
  labels.kind = name_of(example.kind);
  labels.boxes = tensor_of(gathered.boxes, at::kFloat, {n, 4});
  labels.classes = tensor_of(gathered.classes, at::kLong, {n});
  labels.object_ids = example.kind == LabelKind::Mask ? tensor_of(gathered.ids, at::kLong, {n})
                                                      : at::empty({0}, at::kLong);
  return labels;
}

SampleLabels make_sample(const Example& example,
                         const CropOptions& options,
                         const Normalisation& normalisation,
                         std::uint64_t seed,
                         std::int64_t epoch,
                         std::int64_t position,
                         const SampleMemory& memory) {
  Random random(seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(position));
  const Placement placement = draw_placement(example, options, random);
  return cut_sample(example, placement, options, normalisation, random, memory);
}

at::Tensor whole_tile(const Example& example, const Normalisation& normalisation, double zoom) {
  const auto scaled = [&](int edge) {
    return std::max(1, static_cast<int>(std::lround(edge * zoom)));
  };
  const auto padded = [](int edge) { return (edge + 31) / 32 * 32; };
  Placement placement;
  placement.zoom = zoom;
  placement.width = scaled(example.width);
  placement.height = scaled(example.height);
  const int height = padded(placement.height), width = padded(placement.width);
  const auto places = places_of_model_bands(example.bands);
  const std::vector<int> columns = nearest_columns(placement, example.width);
  const std::vector<int> rows = nearest_rows(placement, example.height);
  at::Tensor planes = at::zeros({1, std::ssize(places), height, width});
  std::vector<float> plane(static_cast<std::size_t>(placement.width) * placement.height);
  for (std::size_t b = 0; b < places.size(); ++b) {
    if (!places[b]) continue;
    const AffineNormalisation affine =
        normalisation_of(example, normalisation, static_cast<int>(b), *places[b]);
    resample_plane(example, *places[b], placement, affine.factor, affine.shift, plane.data());
    float* out = planes.data_ptr<float>() + static_cast<std::ptrdiff_t>(b) * height * width;
    for (int v = 0; v < placement.height; ++v)
      for (int u = 0; u < placement.width; ++u) {
        const std::ptrdiff_t from = std::ptrdiff_t{rows[v]} * example.width + columns[u];
        const bool is_seen =
            rows[v] >= 0 && columns[u] >= 0 &&
            (example.valid.empty() || example.valid[static_cast<std::size_t>(from)]);
        if (is_seen)
          out[std::ptrdiff_t{v} * width + u] =
              plane[static_cast<std::size_t>(v) * placement.width + u];
      }
  }
  return planes;
}

}  // namespace canopy
