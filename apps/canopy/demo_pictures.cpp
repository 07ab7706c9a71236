// SPDX-License-Identifier: Apache-2.0
#include "demo_pictures.h"

#include <algorithm>
#include <cmath>

#include "geo/rasterize.h"

namespace canopy {
namespace {

constexpr Colour kGood{26, 152, 80}, kFair{253, 192, 70}, kPoor{215, 48, 39},
    kUnknown{70, 130, 180}, kDead{90, 90, 90}, kMissing{200, 30, 160};

Colour colour_of(const Tree& tree) {
  if (tree.status == TreeStatus::Dead) return kDead;
  switch (tree.health_class) {
    case HealthClass::Good:
      return kGood;
    case HealthClass::Fair:
      return kFair;
    case HealthClass::Poor:
      return kPoor;
    case HealthClass::Unknown:
      return kUnknown;
  }
  return kUnknown;
}

double shrink_of(const Raster& raster, int longest_edge) {
  return std::min(1.0,
                  static_cast<double>(longest_edge) /
                      static_cast<double>(std::max(raster.width(), raster.height())));
}

/// From the survey's coordinates to pixels of a picture of `width`.
struct ToPicture {
  const Transform& transform;
  double scale;
  Point operator()(const Point& world) const {
    const Point pixel = transform.pixel_from_world(world);
    return {pixel.x * scale, pixel.y * scale};
  }
  Polygon operator()(const Polygon& polygon) const {
    Polygon result = polygon;
    for (Ring& ring : result.rings)
      for (Point& point : ring) point = (*this)(point);
    return result;
  }
};

void ring(Picture& picture, const Point& centre, double radius, Colour colour) {
  constexpr int kSides = 20;
  for (int i = 0; i < kSides; ++i) {
    const auto at = [&](int k) {
      return Point{centre.x + radius * std::cos(k * 6.2831853 / kSides),
                   centre.y + radius * std::sin(k * 6.2831853 / kSides)};
    };
    picture.line(at(i), at(i + 1), colour, 2);
  }
}

void draw_marks(Picture& picture,
                const ToPicture& to_picture,
                const Survey& survey,
                double radius) {
  for (const Tree& tree : survey.trees) {
    if (tree.status != TreeStatus::Dead) continue;
    const Point c = to_picture(tree.position);
    picture.line({c.x - radius, c.y - radius}, {c.x + radius, c.y + radius}, {0, 0, 0}, 2);
    picture.line({c.x - radius, c.y + radius}, {c.x + radius, c.y - radius}, {0, 0, 0}, 2);
  }
  for (const Gap& gap : survey.missing)
    ring(picture, to_picture(gap.position), radius * 1.4, kMissing);
}

}  // namespace

Picture natural_colour(const Raster& raster, int longest_edge) {
  const double scale = shrink_of(raster, longest_edge);
  const int width =
      std::max(1, static_cast<int>(std::lround(static_cast<double>(raster.width()) * scale)));
  const int height =
      std::max(1, static_cast<int>(std::lround(static_cast<double>(raster.height()) * scale)));
  std::vector<int> bands;
  for (const char* name : {"red", "green", "blue"}) bands.push_back(raster.band(name).value_or(0));
  const Pixels pixels = raster.read(raster.window(), bands, width, height);
  std::vector<float> sorted;
  for (std::size_t i = 0; i < pixels.values.size(); i += 7)
    if (pixels.valid[i % pixels.valid.size()]) sorted.push_back(pixels.values[i]);
  Picture picture(width, height);
  if (sorted.empty()) return picture;
  std::sort(sorted.begin(), sorted.end());
  const float low = sorted[sorted.size() / 50],
              high = sorted[sorted.size() - 1 - sorted.size() / 50];
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      Colour colour{};
      for (int b = 0; b < 3; ++b) {
        const float v = (pixels.at(b, x, y) - low) / std::max(1e-6f, high - low);
        colour[static_cast<std::size_t>(b)] =
            static_cast<std::uint8_t>(std::lround(255 * std::pow(std::clamp(v, 0.0f, 1.0f), 0.8f)));
      }
      picture.set(x, y, colour);
    }
  }
  return picture;
}

void draw_survey(Picture& picture, const Raster& raster, const Survey& survey) {
  const double scale = static_cast<double>(picture.width) / static_cast<double>(raster.width());
  const ToPicture to_picture{raster.world_from_pixel(), scale};
  for (const Tree& tree : survey.trees) picture.outline(to_picture(tree.crown), colour_of(tree), 2);
  draw_marks(picture, to_picture, survey, std::max(3.0, 0.8 / raster.gsd_m() * scale));
}

Picture survey_map(const Raster& raster, const Survey& survey, int longest_edge) {
  const double scale = shrink_of(raster, longest_edge);
  Picture picture(static_cast<int>(std::lround(static_cast<double>(raster.width()) * scale)),
                  static_cast<int>(std::lround(static_cast<double>(raster.height()) * scale)),
                  {244, 241, 232});
  const ToPicture to_picture{raster.world_from_pixel(), scale};
  std::vector<Polygon> crowns;
  for (const Tree& tree : survey.trees) crowns.push_back(to_picture(tree.crown));
  const auto ids = rasterize(crowns, picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const auto id = ids[static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                          static_cast<std::size_t>(x)];
      if (id) picture.set(x, y, colour_of(survey.trees[id - 1]));
    }
  }
  for (const Row& row : survey.rows)
    for (std::size_t i = 1; i < row.line.size(); ++i)
      picture.line(to_picture(row.line[i - 1]), to_picture(row.line[i]), {120, 120, 120}, 1);
  draw_marks(picture, to_picture, survey, std::max(3.0, 0.8 / raster.gsd_m() * scale));
  return picture;
}

}  // namespace canopy
