// SPDX-License-Identifier: Apache-2.0
#include "insight/coco_results.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "insight/crown_runs.h"

namespace canopy {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kBlock = 1024;
constexpr double kSimplifyPx = 0.75;  // as a survey's crowns

double tenth(double value) { return std::round(value * 10) / 10; }

Json annotation_of(const Polygon& outline, std::int64_t pixels, double across, double down) {
  Json ring = Json::array();
  double x0 = 1e300, y0 = 1e300, x1 = -1e300, y1 = -1e300;
  for (const Point& p : outline.rings.at(0)) {
    const double x = tenth(p.x * across), y = tenth(p.y * down);
    ring.push_back(x);
    ring.push_back(y);
    x0 = std::min(x0, x);
    y0 = std::min(y0, y);
    x1 = std::max(x1, x);
    y1 = std::max(y1, y);
  }
  return {{"bbox", {x0, y0, tenth(x1 - x0), tenth(y1 - y0)}},
          {"area", tenth(static_cast<double>(pixels) * across * down)},
          {"segmentation", Json::array({std::move(ring)})},
          {"iscrowd", 0}};
}

}  // namespace

Json coco_picture(const std::string& file_name,
                  const Raster& picture,
                  const Raster& labels,
                  std::span<const TreeFinding> findings) {
  CrownRuns runs;
  std::unordered_map<std::uint32_t, std::int64_t> pixels;
  for (std::int64_t y = 0; y < labels.height(); y += kBlock)
    for (std::int64_t x = 0; x < labels.width(); x += kBlock) {
      const Window window = intersection({x, y, kBlock, kBlock}, labels.window());
      const auto ids = labels.read_ids(window);
      for (const std::uint32_t id : ids) pixels[id] += id != 0;
      runs.add(window, ids);
    }
  std::unordered_map<std::uint32_t, const TreeFinding*> found;
  for (const TreeFinding& finding : findings) found[finding.id] = &finding;
  const double across = static_cast<double>(picture.width()) / static_cast<double>(labels.width());
  const double down = static_cast<double>(picture.height()) / static_cast<double>(labels.height());
  Json annotations = Json::array();
  for (const auto& [id, outline] : runs.outlines(kSimplifyPx)) {
    const auto finding = found.find(id);
    const bool is_dead = finding != found.end() && finding->second->is_dead;
    Json annotation = annotation_of(outline, pixels.at(id), across, down);
    annotation["category_id"] = is_dead ? 2 : 1;
    annotation["score"] = finding == found.end() ? 1.0 : finding->second->score;
    annotations.push_back(std::move(annotation));
  }
  return {{"image",
           {{"file_name", file_name}, {"width", picture.width()}, {"height", picture.height()}}},
          {"annotations", std::move(annotations)}};
}

Json coco_results(std::vector<Json> pictures) {
  Json images = Json::array(), annotations = Json::array();
  for (Json& picture : pictures) {
    const std::size_t image_id = images.size() + 1;
    Json image = {{"id", image_id}};
    image.update(picture.at("image"));
    images.push_back(std::move(image));
    for (Json& found : picture.at("annotations")) {
      Json annotation = {{"id", annotations.size() + 1}, {"image_id", image_id}};
      annotation.update(found);
      annotations.push_back(std::move(annotation));
    }
  }
  const auto category = [](int id, const char* name) {
    return Json{{"id", id}, {"name", name}, {"supercategory", "plant"}};
  };
  return {{"images", std::move(images)},
          {"annotations", std::move(annotations)},
          {"categories", Json::array({category(1, "tree"), category(2, "dead_tree")})}};
}

}  // namespace canopy
