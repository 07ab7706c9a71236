// SPDX-License-Identifier: Apache-2.0
#include "insight/tree_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include "base/error.h"
#include "base/nearest.h"
#include "geo/crs.h"

namespace canopy {
namespace {

const std::vector<std::string> kStatuses = {"alive", "dead", "missing"};

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

Tree tree_of(const Gap& gap) {
  Tree tree;
  tree.position = gap.position;
  tree.status = TreeStatus::Missing;
  tree.score = gap.confidence;
  tree.ndvi = tree.ndre = tree.health = std::numeric_limits<double>::quiet_NaN();
  tree.block = gap.block;
  tree.row_index = gap.row_index;
  tree.tree_index = gap.tree_index;
  return tree;
}

}  // namespace

void TreeChoice::validate() const {
  for (const std::string& name : status)
    require(contains(kStatuses, name), [&] {
      return "status: '" + name + "' is none of alive, dead, missing" + suggestion(name, kStatuses);
    });
  require(health_below >= 0 && health_below <= 1, [&] {
    return "health-below: " + std::to_string(health_below) + "; health is between 0 and 1";
  });
}

std::vector<Block> choose_blocks(const Survey& survey, const std::vector<std::string>& blocks) {
  std::string known;
  for (const Block& b : survey.blocks)
    known.append(known.empty() ? "" : ", ").append(std::to_string(b.block));
  for (const std::string& name : blocks)
    require(std::any_of(survey.blocks.begin(),
                        survey.blocks.end(),
                        [&](const Block& b) { return std::to_string(b.block) == name; }),
            [&] {
              return "blocks: '" + name + "' is no block of this survey; it has " +
                     (known.empty() ? "none" : known);
            });
  std::vector<Block> chosen;
  for (const Block& b : survey.blocks)
    if (blocks.empty() || contains(blocks, std::to_string(b.block))) chosen.push_back(b);
  return chosen;
}

std::vector<Tree> choose_trees(const Survey& survey, const TreeChoice& choice) {
  choice.validate();
  require(choice.health_below == 0 ||
              std::any_of(survey.trees.begin(),
                          survey.trees.end(),
                          [](const Tree& t) { return std::isfinite(t.health); }),
          [&] {
            return "survey '" + survey.survey_id +
                   "': no tree has a health, so health-below chooses none; leave it out, or survey "
                   "a mosaic with a near infrared band";
          });
  choose_blocks(survey, choice.blocks);
  std::vector<Tree> chosen;
  const auto offer = [&](const Tree& tree) {
    const bool is_weak = tree.status == TreeStatus::Alive && tree.health < choice.health_below;
    if (!is_weak && !contains(choice.status, name_of(tree.status))) return;
    if (!choice.blocks.empty() && !contains(choice.blocks, std::to_string(tree.block))) return;
    chosen.push_back(tree);
  };
  for (const Tree& tree : survey.trees) offer(tree);
  for (const Gap& gap : survey.missing) offer(tree_of(gap));
  std::sort(chosen.begin(), chosen.end(), [](const Tree& a, const Tree& b) {
    return std::tie(a.block, a.row_index, a.tree_index, a.id) <
           std::tie(b.block, b.row_index, b.tree_index, b.id);
  });
  if (survey.crs_wkt.empty()) return chosen;
  const Reprojection to_degrees(survey.crs_wkt, "EPSG:4326");
  for (Tree& tree : chosen) {
    const Point degrees = to_degrees(tree.position);
    tree.lng = degrees.x;
    tree.lat = degrees.y;
  }
  return chosen;
}

}  // namespace canopy
