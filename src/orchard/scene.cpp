// SPDX-License-Identifier: Apache-2.0
#include "orchard/scene.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace canopy {
namespace {

constexpr std::uint32_t kGround =
    0;  ///< owner of a pixel without a crown; else 1 + index of the crown
constexpr double kGridCellM = 8;

}  // namespace

/// What is known of each pixel before it gets a colour.
struct OrchardScene::Canvas {
  explicit Canvas(const Window& area)
      : window(area), surface(size()), owner(size(), kGround), sun(size(), 1) {}
  std::size_t size() const { return static_cast<std::size_t>(window.area()); }
  std::size_t at(std::int64_t column, std::int64_t row) const {
    return static_cast<std::size_t>((row - window.y) * window.width + column - window.x);
  }
  Window window;
  std::vector<Crown::Surface> surface;
  std::vector<std::uint32_t> owner;
  std::vector<float> sun;  ///< share that the shadows of others leave
};

OrchardScene::OrchardScene(const SyntheticOptions& options)
    : plan_(plan_orchard(options)),
      planting_(plant_trees(plan_)),
      ground_(plan_.ground, plan_.blocks),
      sensor_(plan_.sensor) {
  std::vector<Point> points;
  for (const SyntheticTree& tree : planting_.trees) {
    const BlockPlan& block = plan_.blocks[static_cast<std::size_t>(std::max(1, tree.block) - 1)];
    const Crown crown(tree, block.foliage, plan_.gsd_m);
    crown_margin_m_ = std::max(crown_margin_m_, static_cast<double>(crown.max_radius_m()));
    shadow_margin_m_ =
        std::max(shadow_margin_m_, static_cast<double>(crown.max_shadow_m(plan_.light.tangent())));
    points.push_back(tree.position);
  }
  grid_ = PointGrid(points, kGridCellM);
}

SyntheticTile OrchardScene::render(const Window& window) const {
  require(!window.empty(),
          "an empty window of the orchard was asked for; give it a width and a height");
  Canvas canvas(grown(window, sensor_.margin_px()));
  const std::vector<Crown> crowns = crowns_near(canvas.window);
  for (std::uint32_t i = 0; i < crowns.size(); ++i) raise_crown(crowns[i], i, canvas);
  for (std::uint32_t i = 0; i < crowns.size(); ++i) cast_shadow(crowns[i], i, canvas);

  SyntheticTile tile;
  tile.width = static_cast<int>(window.width);
  tile.height = static_cast<int>(window.height);
  tile.planes = sensor_.expose(window, paint(crowns, canvas));
  const auto area = static_cast<std::size_t>(window.area());
  tile.dsm_m.reserve(area);
  tile.dtm_m.reserve(area);
  tile.id_map.reserve(area);
  for (std::int64_t row = window.y; row < window.y_end(); ++row) {
    for (std::int64_t column = window.x; column < window.x_end(); ++column) {
      const std::size_t i = canvas.at(column, row);
      const float ground = ground_.elevation_m(x_of(column), y_of(row));
      tile.dtm_m.push_back(ground);
      tile.dsm_m.push_back(ground + canvas.surface[i].height_m);
      tile.id_map.push_back(canvas.owner[i] == kGround ? 0 : crowns[canvas.owner[i] - 1].id());
    }
  }
  return tile;
}

std::vector<Crown> OrchardScene::crowns_near(const Window& window) const {
  const double margin = std::max(crown_margin_m_, shadow_margin_m_) + plan_.gsd_m;
  const double x_min = x_of(window.x), x_max = x_of(window.x_end());
  const double y_min = y_of(window.y_end()), y_max = y_of(window.y);
  std::vector<Crown> crowns;
  for (const std::uint32_t i :
       grid_.within(x_min - margin, y_min - margin, x_max + margin, y_max + margin)) {
    const SyntheticTree& tree = planting_.trees[i];
    const BlockPlan& block = plan_.blocks[static_cast<std::size_t>(std::max(1, tree.block) - 1)];
    crowns.emplace_back(tree, block.foliage, plan_.gsd_m);
  }
  return crowns;
}

Window OrchardScene::pixels_of(
    double x_min, double y_min, double x_max, double y_max, const Window& window) const {
  const auto column = [&](double x) {
    return static_cast<std::int64_t>(std::floor(x / plan_.gsd_m));
  };
  const auto row = [&](double y) {
    return static_cast<std::int64_t>(std::floor((plan_.height_m - y) / plan_.gsd_m));
  };
  const std::int64_t left = column(x_min), top = row(y_max);
  return intersection({left, top, column(x_max) - left + 1, row(y_min) - top + 1}, window);
}

void OrchardScene::raise_crown(const Crown& crown, std::uint32_t index, Canvas& canvas) const {
  const double far = crown.max_radius_m();
  const Window box =
      pixels_of(crown.x() - far, crown.y() - far, crown.x() + far, crown.y() + far, canvas.window);
  for (std::int64_t row = box.y; row < box.y_end(); ++row) {
    for (std::int64_t column = box.x; column < box.x_end(); ++column) {
      const auto surface = crown.surface(x_of(column), y_of(row));
      if (!surface) continue;
      const std::size_t i = canvas.at(column, row);
      if (canvas.owner[i] != kGround && canvas.surface[i].height_m >= surface->height_m) continue;
      canvas.surface[i] = *surface;
      canvas.owner[i] = index + 1;
    }
  }
}

void OrchardScene::cast_shadow(const Crown& crown, std::uint32_t index, Canvas& canvas) const {
  const Light& light = plan_.light;
  const double wide = crown.max_radius_m() * 1.15, far = crown.max_shadow_m(light.tangent());
  const double away_x = -light.toward_x(), away_y = -light.toward_y();
  const double end_x = crown.x() + far * away_x, end_y = crown.y() + far * away_y;
  const Window box = pixels_of(std::min(crown.x(), end_x) - wide,
                               std::min(crown.y(), end_y) - wide,
                               std::max(crown.x(), end_x) + wide,
                               std::max(crown.y(), end_y) + wide,
                               canvas.window);
  for (std::int64_t row = box.y; row < box.y_end(); ++row) {
    const double y = y_of(row), dy = y - crown.y();
    for (std::int64_t column = box.x; column < box.x_end(); ++column) {
      const double x = x_of(column), dx = x - crown.x();
      if (std::abs(dx * away_y - dy * away_x) > wide) continue;
      const std::size_t i = canvas.at(column, row);
      if (canvas.owner[i] == index + 1) continue;
      const float through = crown.sun_through(x, y, canvas.surface[i].height_m, light);
      canvas.sun[i] = std::min(canvas.sun[i], through);
    }
  }
}

Spectrum OrchardScene::ground_light(double x, double y, float sun, float sky) const {
  constexpr float kSoftness = 0.1f;
  const Ground::Look land = ground_.look(x, y);
  return land.reflectance *
         plan_.light.total(sun * plan_.light.sun_on(land.dx, land.dy, kSoftness), sky);
}

Radiance OrchardScene::paint(const std::vector<Crown>& crowns, const Canvas& canvas) const {
  constexpr float kSkyUnderCrown = 0.45f, kSunUnderCrown = 0.10f, kLeastHole = 0.01f;
  Radiance scene{canvas.window, {}};
  scene.pixels.reserve(canvas.size());
  std::size_t i = 0;
  for (std::int64_t row = canvas.window.y; row < canvas.window.y_end(); ++row) {
    for (std::int64_t column = canvas.window.x; column < canvas.window.x_end(); ++column, ++i) {
      const double x = x_of(column), y = y_of(row);
      if (canvas.owner[i] == kGround) {
        scene.pixels.push_back(ground_light(x, y, canvas.sun[i], 1));
        continue;
      }
      const Crown& crown = crowns[canvas.owner[i] - 1];
      const Crown::Look look = crown.look(x, y, canvas.surface[i], canvas.sun[i], plan_.light);
      scene.pixels.push_back(
          look.hole < kLeastHole
              ? look.light
              : blend(look.light, ground_light(x, y, kSunUnderCrown, kSkyUnderCrown), look.hole));
    }
  }
  return scene;
}

}  // namespace canopy
