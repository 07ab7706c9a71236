// SPDX-License-Identifier: Apache-2.0
#include "insight/replant_order.h"

#include <map>

#include "base/error.h"
#include "base/options.h"
#include "insight/prescription.h"
#include "insight/tree_choice.h"

namespace canopy {

using Json = nlohmann::ordered_json;

int ReplantOrder::missing() const {
  int sum = 0;
  for (const BlockCount& b : blocks) sum += b.missing;
  return sum;
}

int ReplantOrder::dead() const {
  int sum = 0;
  for (const BlockCount& b : blocks) sum += b.dead;
  return sum;
}

ReplantOrder replant_order(const Survey& survey, const ReplantOptions& options) {
  require(!survey.rows.empty(), [&] {
    return "survey '" + survey.survey_id +
           "': no row was found, so a missing tree has no place; prescribe scout needs no rows";
  });
  TreeChoice choice;
  choice.status = {"missing"};
  if (options.dead) choice.status.push_back("dead");
  choice.blocks = options.blocks;
  ReplantOrder order;
  order.places = choose_trees(survey, choice);
  std::map<int, ReplantOrder::BlockCount> counts;
  for (const Block& block : choose_blocks(survey, options.blocks))
    counts[block.block].block = block.block;
  for (const Tree& place : order.places) {
    ReplantOrder::BlockCount& count = counts[place.block];
    count.block = place.block;
    ++(place.status == TreeStatus::Dead ? count.dead : count.missing);
  }
  for (const auto& [block, count] : counts) order.blocks.push_back(count);
  return order;
}

Json write_replant_order(const ReplantOrder& order,
                         const Survey& survey,
                         const ReplantOptions& options,
                         const std::filesystem::path& folder) {
  PrescriptionFiles files(folder, "replant");
  const std::vector<std::string> columns = {
      "block", "row_index", "tree_index", "status", "lat", "lng"};
  const VectorLayer places = layer_of(order.places, "replant", columns);
  files.write("replant.csv", {places});
  files.write("replant.geojson", {places});
  files.write("replant.gpx", {layer_of(order.places, "waypoints", {"name", "desc", "sym"})});
  Json figures = {{"trees", order.places.size()},
                  {"missing", order.missing()},
                  {"dead", order.dead()},
                  {"blocks", Json::array()}};
  for (const auto& b : order.blocks)
    figures["blocks"].push_back(
        {{"block", b.block}, {"trees", b.trees()}, {"missing", b.missing}, {"dead", b.dead}});
  ReplantOptions described = options;
  return files.commit(survey, figures, Fields(described).to_json());
}

}  // namespace canopy
