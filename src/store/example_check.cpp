// SPDX-License-Identifier: Apache-2.0
#include "store/example_check.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"

namespace canopy {
namespace {

std::string text(std::size_t n) { return std::to_string(n); }

void validate_planes(const Example& e) {
  require(e.height >= 1 && e.height <= kMostEdge_px && e.width >= 1 && e.width <= kMostEdge_px,
          [&] {
            return "image/height, image/width: " + std::to_string(e.height) + " x " +
                   std::to_string(e.width) + " is no tile; each must be between 1 and 65,536";
          });
  require(!e.bands.empty(), "image/bands: is empty; a tile has at least one band");
  std::set<std::string> seen;
  for (const std::string& band : e.bands) {
    const auto& known = canonical_bands();
    require(std::find(known.begin(), known.end(), band) != known.end(), [&] {
      return "image/bands: '" + band +
             "' is not a band; known are blue green red red_edge nir swir thermal pan dsm";
    });
    require(seen.insert(band).second, [&] { return "image/bands: '" + band + "' stands twice"; });
  }
  require(e.types.size() == e.bands.size() && e.planes.size() == e.bands.size(), [&] {
    return "image/planes, image/dtype: " + text(e.planes.size()) + " planes and " +
           text(e.types.size()) + " types for " + text(e.bands.size()) +
           " bands; one each is needed";
  });
  for (std::size_t i = 0; i < e.bands.size(); ++i) {
    const std::size_t size = pixels_of(e) * static_cast<std::size_t>(bytes_of(e.types[i]));
    require(e.planes[i].size() == size, [&] {
      return "image/planes: band '" + e.bands[i] + "' holds " + text(e.planes[i].size()) +
             " bytes; " + text(size) + " are needed for its size and type";
    });
  }
}

void validate_place(const Example& e) {
  const auto finite = [](const auto& values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  };
  for (const auto* values : {&e.scale, &e.offset})
    require((values->empty() || values->size() == e.bands.size()) && finite(*values),
            "image/scale, image/offset: one finite number per band is needed, or none at all");
  for (const auto* bits : {&e.valid, &e.ignore})
    require(bits->empty() || bits->size() == pixels_of(e), [&] {
      return "image/valid, image/ignore: " + text(bits->size()) + " pixels; " + text(pixels_of(e)) +
             " are needed";
    });
  require(std::isfinite(e.gsd_m) && e.gsd_m >= 0,
          "image/gsd_m: must be metres per pixel, or 0 where unknown");
  require((e.transform.empty() || e.transform.size() == 6) && finite(e.transform),
          "image/geo: the transform must be six finite numbers, or none");
}

void validate_object(const Example& e, const LabelledObject& o, std::size_t number) {
  const auto name = [&](const char* what) { return "image/object: object " + text(number) + what; };
  require(o.label == ObjectClass::Tree || o.label == ObjectClass::DeadTree,
          [&] { return name(" is neither a tree (1) nor a dead tree (2)"); });
  // Written so that NaN fails too.
  require(
      o.xmin >= 0 && o.xmin <= o.xmax && o.xmax <= static_cast<float>(e.width) && o.ymin >= 0 &&
          o.ymin <= o.ymax && o.ymax <= static_cast<float>(e.height),
      [&] {
        return name(" reaches beyond the tile, or its box is turned around; clip it to the tile");
      });
  require(e.kind != LabelKind::Point || (o.xmin == o.xmax && o.ymin == o.ymax),
          [&] { return name(" is a point by the tile's label kind and has an extent"); });
}

void validate_labels(const Example& e) {
  require(e.objects.size() <= kMostObjects, [&] {
    return "image/object: " + text(e.objects.size()) + " objects; a tile numbers at most 65,535";
  });
  require(e.kind != LabelKind::None || e.objects.empty(),
          "image/label_kind: is none, but there are objects; use mask, box or point");
  for (std::size_t i = 0; i < e.objects.size(); ++i) validate_object(e, e.objects[i], i + 1);
  if (e.kind != LabelKind::Mask) {
    require(e.id_map.empty(), [&] {
      return std::string("image/object/id_map: is there, but the label kind is ") +
             name_of(e.kind) + ", not mask";
    });
    return;
  }
  require(e.id_map.size() == pixels_of(e), [&] {
    return "image/object/id_map: " + text(e.id_map.size()) + " pixels; " + text(pixels_of(e)) +
           " are needed";
  });
  const std::uint16_t largest = *std::max_element(e.id_map.begin(), e.id_map.end());
  require(largest <= e.objects.size(), [&] {
    return "image/object/id_map: a pixel belongs to object " + text(largest) + " of " +
           text(e.objects.size());
  });
}

}  // namespace

void check_example(const Example& e) {
  validate_planes(e);
  validate_place(e);
  validate_labels(e);
}

}  // namespace canopy
