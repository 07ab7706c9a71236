// SPDX-License-Identifier: Apache-2.0
#include "insight/boundary.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "geo/crs.h"
#include "geo/vector_file.h"
#include "insight/planting_pattern.h"

namespace canopy {
namespace {

std::string text_of(const Attribute& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  return {};
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

/// The column that names the polygons; empty when there is none.
std::string name_column(const VectorLayer& layer) {
  for (const char* wanted : {"name", "block", "label", "id"})
    for (const std::string& column : layer.columns)
      if (lower(column) == wanted) return column;
  return {};
}

void append(const PlantingPattern& found,
            const std::vector<std::size_t>& members,
            const NamedGround& ground,
            PlantingPattern& all) {
  const int base = static_cast<int>(all.blocks.size());
  for (std::size_t k = 0; k < members.size(); ++k) {
    PlantedPlace place = found.places[k];
    const bool is_alone = found.blocks.size() == 1 && found.blocks[0].pattern == "none";
    if (place.block > 0 || is_alone) place.block = std::max(1, place.block) + base;
    all.places[members[k]] = place;
  }
  for (Row row : found.rows) {
    row.block += base;
    for (std::int64_t& id : row.tree_ids)
      id = static_cast<std::int64_t>(members[static_cast<std::size_t>(id)]);
    all.rows.push_back(std::move(row));
  }
  for (Gap gap : found.missing) {
    if (!contains(ground, gap.position)) continue;
    gap.block += base;
    all.missing.push_back(gap);
  }
  for (Block block : found.blocks) {
    block.block = std::max(1, block.block) + base;
    block.name = ground.name;
    if (found.blocks.size() == 1 && ground.parts.size() == 1) block.outline = ground.parts[0];
    all.blocks.push_back(std::move(block));
  }
}

}  // namespace

Boundary read_boundary(const std::filesystem::path& path, const std::string& crs) {
  const VectorLayer layer = read_vector(path);
  require(crs.empty() || !layer.crs.empty(), [&] {
    return path.string() + ": has no CRS, so it cannot be laid over the trees; give it one (" +
           crs.substr(0, 24) + ")";
  });
  std::optional<Reprojection> placed;
  if (!crs.empty() && !same_crs(layer.crs, crs)) placed.emplace(layer.crs, crs);
  const std::string column = name_column(layer);
  Boundary boundary;
  for (const Feature& feature : layer.features) {
    if (feature.polygon.empty()) continue;
    std::string name = column.empty() ? "" : text_of(feature.attributes.at(column));
    if (name.empty()) name = std::to_string(boundary.size() + 1);
    auto ground = std::find_if(
        boundary.begin(), boundary.end(), [&](const NamedGround& g) { return g.name == name; });
    if (ground == boundary.end()) ground = boundary.insert(boundary.end(), {name, {}});
    ground->parts.push_back(placed ? (*placed)(feature.polygon) : feature.polygon);
  }
  require(!boundary.empty(), [&] {
    return path.string() + ": holds no polygon; draw each block as one, with its name";
  });
  return boundary;
}

bool contains(const NamedGround& ground, const Point& place) {
  return std::any_of(ground.parts.begin(), ground.parts.end(), [&](const Polygon& part) {
    return contains(part, place);
  });
}

void add_planting_pattern(Survey& survey, const Boundary& boundary) {
  std::vector<std::vector<std::size_t>> members(boundary.size());
  std::size_t inside = 0;
  for (std::size_t k = 0; k < survey.trees.size(); ++k) {
    const auto ground = std::find_if(boundary.begin(), boundary.end(), [&](const NamedGround& g) {
      return contains(g, survey.trees[k].position);
    });
    if (ground == boundary.end()) continue;
    members[static_cast<std::size_t>(ground - boundary.begin())].push_back(k);
    ++inside;
  }
  require(inside > 0,
          "no tree stands inside the boundary; is it of this orchard, and are lat and lng in their "
          "own columns?");
  const std::vector<double> areas = crown_areas(survey.trees);
  PlantingPattern all;
  all.places.resize(survey.trees.size());
  for (std::size_t g = 0; g < boundary.size(); ++g) {
    if (members[g].empty()) continue;
    std::vector<Point> positions;
    std::vector<double> areas_m2;
    for (const std::size_t k : members[g]) {
      positions.push_back(survey.trees[k].position);
      if (!areas.empty()) areas_m2.push_back(areas[k]);
    }
    append(find_planting_pattern(positions, areas_m2), members[g], boundary[g], all);
  }
  take_pattern(std::move(all), survey);
}

}  // namespace canopy
