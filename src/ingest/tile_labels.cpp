// SPDX-License-Identifier: Apache-2.0
#include "ingest/tile_labels.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "geo/rasterize.h"

namespace canopy {
namespace {

std::vector<Polygon> as_polygons(const Label& label) {
  if (label.shape == Label::Shape::Outline) return label.parts;
  const Bounds& b = label.box;
  return {{{{{b.xmin, b.ymin}, {b.xmin, b.ymax}, {b.xmax, b.ymax}, {b.xmax, b.ymin}}}}};
}

double visible_share(const Label& label, const Window& window) {
  if (label.shape == Label::Shape::Box)
    return area_of(intersection(label.box, window)) / area_of(label.box);
  return area_within(label.parts, window) / area_of(label.parts);
}

/// Gathers what one tile shows.
class TileBuilder {
 public:
  TileBuilder(const LabelIndex& index,
              LabelKind kind,
              const TileGrid& grid,
              const std::vector<std::uint8_t>& valid)
      : index_(index), kind_(kind), grid_(grid), window_(grid_.window), valid_(valid) {
    check(static_cast<std::int64_t>(valid.size()) == grid.area(), "valid covers the tile");
  }

  LabelsOfTile build() {
    sort_labels();
    if (kind_ == LabelKind::Mask)
      burn_objects();
    else
      place_objects();
    burn_ignore_regions();
    return std::move(tile_);
  }

 private:
  int width() const { return grid_.width; }
  int height() const { return grid_.height; }
  std::size_t at(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width()) +
           static_cast<std::size_t>(x);
  }

  /// Into trees that the tile shows and regions to ignore.
  void sort_labels() {
    for (const std::size_t i : index_.near(window_)) {
      const Label& label = index_.label(i);
      if (label.shape == Label::Shape::Point) {
        shown_.push_back(i);
        continue;
      }
      const double share = visible_share(label, window_);
      if (!(share > 0)) continue;
      if (label.is_ignore || share < kLeastVisible)
        ignored_.push_back(i);
      else
        shown_.push_back(i);
    }
  }

  void burn_objects() {
    std::vector<Polygon> parts;
    std::vector<std::size_t> shown_of_part;
    for (std::size_t s = 0; s < shown_.size(); ++s)
      for (const Polygon& part : index_.label(shown_[s]).parts) {
        parts.push_back(grid_.tile_from_picture(part));
        shown_of_part.push_back(s);
      }
    const std::vector<std::uint32_t> burnt = rasterize(parts, width(), height());
    struct Extent {
      int xmin, ymin, xmax = -1, ymax = -1;
    };
    std::vector<Extent> extents(shown_.size(), Extent{width(), height()});
    for (int y = 0; y < height(); ++y)
      for (int x = 0; x < width(); ++x) {
        if (burnt[at(x, y)] == 0 || !valid_[at(x, y)]) continue;
        Extent& e = extents[shown_of_part[burnt[at(x, y)] - 1]];
        e = {std::min(e.xmin, x), std::min(e.ymin, y), std::max(e.xmax, x), std::max(e.ymax, y)};
      }
    std::vector<std::uint16_t> id_of(shown_.size(), 0);
    for (std::size_t s = 0; s < shown_.size(); ++s) {
      const Extent& e = extents[s];
      if (e.xmax < 0) continue;
      add_object(shown_[s],
                 {static_cast<double>(e.xmin),
                  static_cast<double>(e.ymin),
                  static_cast<double>(e.xmax + 1),
                  static_cast<double>(e.ymax + 1)});
      id_of[s] = static_cast<std::uint16_t>(tile_.objects.size());
    }
    tile_.id_map.assign(burnt.size(), 0);
    for (std::size_t i = 0; i < burnt.size(); ++i)
      if (burnt[i] != 0 && valid_[i]) tile_.id_map[i] = id_of[shown_of_part[burnt[i] - 1]];
  }

  void place_objects() {
    for (const std::size_t i : shown_) {
      const Bounds box = grid_.tile_from_picture(intersection(index_.label(i).box, window_));
      if (has_data(box)) add_object(i, box);
    }
  }

  bool has_data(const Bounds& box) const {
    bool found = false;
    for_each_pixel(box, [&](std::size_t i) { found |= valid_[i] != 0; });
    return found;
  }

  /// The pixels that a box touches.
  template <class Visit>
  void for_each_pixel(const Bounds& box, const Visit& visit) const {
    const int x_end = std::min(width(), static_cast<int>(std::floor(box.xmax)) + 1);
    const int y_end = std::min(height(), static_cast<int>(std::floor(box.ymax)) + 1);
    for (int y = std::max(0, static_cast<int>(box.ymin)); y < y_end; ++y)
      for (int x = std::max(0, static_cast<int>(box.xmin)); x < x_end; ++x) visit(at(x, y));
  }

  void add_object(std::size_t i, const Bounds& box) {
    const Label& label = index_.label(i);
    require(tile_.objects.size() < 65535,
            "a tile holds more than 65,535 labels; use smaller tiles");
    tile_.objects.push_back({static_cast<float>(box.xmin),
                             static_cast<float>(box.ymin),
                             static_cast<float>(box.xmax),
                             static_cast<float>(box.ymax),
                             label.label,
                             label.is_crowd});
    tile_.label_of.push_back(i);
    tile_.cut_by_edge |= label.box.xmin < static_cast<double>(window_.x) ||
                         label.box.ymin < static_cast<double>(window_.y) ||
                         label.box.xmax > static_cast<double>(window_.x_end()) ||
                         label.box.ymax > static_cast<double>(window_.y_end());
  }

  /// Never over a tree that the tile shows.
  void burn_ignore_regions() {
    std::vector<Polygon> parts;
    for (const std::size_t i : ignored_)
      for (const Polygon& part : as_polygons(index_.label(i)))
        parts.push_back(grid_.tile_from_picture(part));
    if (parts.empty()) return;
    const std::vector<std::uint32_t> burnt = rasterize(parts, width(), height());
    tile_.ignore.resize(burnt.size());
    for (std::size_t i = 0; i < burnt.size(); ++i)
      tile_.ignore[i] = burnt[i] != 0 && (tile_.id_map.empty() || tile_.id_map[i] == 0);
    if (!tile_.id_map.empty()) return;
    for (const LabelledObject& o : tile_.objects)
      for_each_pixel({o.xmin, o.ymin, std::nexttoward(o.xmax, 0.0), std::nexttoward(o.ymax, 0.0)},
                     [&](std::size_t i) { tile_.ignore[i] = false; });
  }

  const LabelIndex& index_;
  LabelKind kind_;
  const TileGrid grid_;
  const Window& window_;  ///< the grid's
  const std::vector<std::uint8_t>& valid_;
  std::vector<std::size_t> shown_, ignored_;
  LabelsOfTile tile_;
};

}  // namespace

LabelIndex::LabelIndex(const std::vector<Label>& labels,
                       std::int64_t width,
                       std::int64_t height,
                       int cell_px)
    : labels_(labels),
      cell_px_(cell_px),
      columns_(width / cell_px + 1),
      rows_(height / cell_px + 1),
      cells_(static_cast<std::size_t>(columns_ * rows_)) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Cells c = cells_of(labels[i].box);
    for (std::int64_t y = c.y0; y <= c.y1; ++y)
      for (std::int64_t x = c.x0; x <= c.x1; ++x)
        cells_[static_cast<std::size_t>(y * columns_ + x)].push_back(static_cast<std::uint32_t>(i));
  }
}

LabelIndex::Cells LabelIndex::cells_of(const Bounds& box) const {
  const auto cell = [&](double at, std::int64_t count) {
    const double c = std::floor(at / cell_px_);
    return static_cast<std::int64_t>(std::clamp(c, 0.0, static_cast<double>(count - 1)));
  };
  return {cell(box.xmin, columns_),
          cell(box.xmax, columns_),
          cell(box.ymin, rows_),
          cell(box.ymax, rows_)};
}

std::vector<std::size_t> LabelIndex::near(const Window& window) const {
  const Cells c = cells_of({static_cast<double>(window.x),
                            static_cast<double>(window.y),
                            static_cast<double>(window.x_end()),
                            static_cast<double>(window.y_end())});
  std::vector<std::size_t> found;
  for (std::int64_t y = c.y0; y <= c.y1; ++y)
    for (std::int64_t x = c.x0; x <= c.x1; ++x)
      for (const std::uint32_t i : cells_[static_cast<std::size_t>(y * columns_ + x)])
        if (meets(labels_[i].box, window)) found.push_back(i);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

LabelsOfTile labels_of_tile(const LabelIndex& index,
                            LabelKind kind,
                            const TileGrid& grid,
                            const std::vector<std::uint8_t>& valid) {
  if (kind == LabelKind::None) return {};
  return TileBuilder(index, kind, grid, valid).build();
}

}  // namespace canopy
