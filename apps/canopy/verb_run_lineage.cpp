// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "base/error.h"
#include "catalog/dataset_tiles.h"
#include "records.h"
#include "verbs.h"

namespace canopy {
namespace {

/// The id behind a dataset's <name>-<id12>, by which the registry does not know it.
std::string record_of(const OpenWorkspace& space, const std::string& ref) {
  for (const Snapshot& dataset : list_snapshots(space.workspace().datasets()))
    if (dataset.ref() == ref) return dataset.id;
  return ref;
}

/// One line of at most 100 characters.
std::string brief(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  constexpr std::size_t kMost = 100;
  return text.size() <= kMost ? text : text.substr(0, kMost - 3) + "...";
}

/// A whole history: what the registry knows, pictures and a tile included.
struct History {
  std::vector<LineageNode> nodes;
  std::vector<LineageEdge> edges;
};

void add(History& history, const LineageNode& node) {
  const auto same = [&](const LineageNode& other) {
    return other.kind == node.kind && other.id == node.id;
  };
  if (std::ranges::none_of(history.nodes, same)) history.nodes.push_back(node);
}

/// What the catalog calls the files of these hashes.
std::map<std::string, std::string> uris_of(const Catalog& catalog,
                                           const std::set<std::string>& sha256s) {
  std::string list;
  for (const std::string& sha256 : sha256s) list += (list.empty() ? "'" : ", '") + sha256 + "'";
  std::map<std::string, std::string> uris;
  if (list.empty()) return uris;
  for (const auto& row : catalog
                             .query("SELECT source_sha256, min(source_uri) FROM tiles WHERE "
                                    "source_sha256 IN (" +
                                    list + ") GROUP BY source_sha256")
                             .rows)
    uris[to_text(row[0])] = to_text(row[1]);
  return uris;
}

/// The pictures that the history's datasets were cut from.
void add_pictures(const OpenWorkspace& space, const Catalog& catalog, History& history) {
  std::vector<LineageNode> pictures;
  std::set<std::string> sha256s;
  for (const LineageNode& node : std::vector<LineageNode>(history.nodes)) {
    if (node.kind != "dataset" || node.distance > 0) continue;
    for (const TileSource& source : sources_of(space.dataset(node.id))) {
      sha256s.insert(source.sha256);
      history.edges.push_back({"orthomosaic", source.sha256, "dataset", node.id});
      pictures.push_back({"orthomosaic",
                          source.sha256,
                          std::to_string(source.tiles) + " tiles of ",
                          node.distance - 1});
    }
  }
  const auto uris = uris_of(catalog, sha256s);
  for (LineageNode& picture : pictures) {
    const auto uri = uris.find(picture.id);
    picture.title += uri == uris.end() ? "a picture that the catalog no longer knows" : uri->second;
    add(history, picture);
  }
}

History history_of_record(const OpenWorkspace& space,
                          const Catalog& catalog,
                          const std::string& ref) {
  Lineage known = space.registry().lineage(record_of(space, ref));
  History history{std::move(known.nodes), std::move(known.edges)};
  add_pictures(space, catalog, history);
  return history;
}

/// A tile, the picture that it was cut from, and all that came of it.
History history_of_tile(const OpenWorkspace& space,
                        const Catalog& catalog,
                        const std::string& ref) {
  const std::vector<Snapshot> datasets = list_snapshots(space.workspace().datasets());
  const std::vector<TileUse> uses = uses_of_tile(datasets, ref);
  if (uses.empty())
    throw Error(
        Fault::NotFound,
        "'" + ref +
            "' is no model, run or dataset of the registry, and no dataset holds such a tile");
  const std::string& tile = uses.front().tile_id;
  for (const TileUse& use : uses)
    require(use.tile_id == tile,
            [&] { return "'" + ref + "' is the beginning of several tiles; give more digits"; });
  History history;
  add(history, {"tile", tile, "", 0});
  for (const auto& row :
       catalog
           .query("SELECT source_sha256, source_uri FROM tiles WHERE tile_id = '" + tile +
                  "' LIMIT 1")
           .rows) {
    add(history, {"orthomosaic", to_text(row[0]), to_text(row[1]), -1});
    history.edges.push_back({"orthomosaic", to_text(row[0]), "tile", tile});
  }
  for (const TileUse& use : uses) {
    const Snapshot& dataset = datasets[use.dataset];
    history.edges.push_back({"tile", tile, "dataset", dataset.id});
    for (LineageNode node : space.registry().lineage(dataset.id).nodes) {
      if (node.distance < 0) continue;
      if (node.distance == 0) node.title += ", in split " + use.split;
      ++node.distance;
      add(history, node);
    }
    for (const LineageEdge& edge : space.registry().lineage(dataset.id).edges)
      if (edge.from_kind != "query") history.edges.push_back(edge);
  }
  return history;
}

History history_of(const OpenWorkspace& space, const Catalog& catalog, const std::string& ref) {
  try {
    return history_of_record(space, catalog, ref);
  } catch (const Error& error) {
    if (error.fault() != Fault::NotFound ||
        ref.find_first_not_of("0123456789abcdef") != std::string::npos)
      throw;
  }
  return history_of_tile(space, catalog, ref);
}

nlohmann::ordered_json to_json(const History& history) {
  nlohmann::ordered_json json = {{"nodes", nlohmann::ordered_json::array()},
                                 {"edges", nlohmann::ordered_json::array()}};
  for (const LineageNode& node : history.nodes)
    json["nodes"].push_back(
        {{"kind", node.kind}, {"id", node.id}, {"title", node.title}, {"distance", node.distance}});
  for (const LineageEdge& edge : history.edges)
    json["edges"].push_back({{"from_kind", edge.from_kind},
                             {"from_id", edge.from_id},
                             {"to_kind", edge.to_kind},
                             {"to_id", edge.to_id}});
  return json;
}

void print(const History& history) {
  for (const LineageNode& node : history.nodes)
    std::printf("%s %-12s %-14s %s\n",
                node.distance < 0    ? "from"
                : node.distance == 0 ? "  ->"
                                     : "to  ",
                node.kind.c_str(),
                node.id.substr(0, 12).c_str(),
                brief(node.title).c_str());
}

}  // namespace

Command verb_run_lineage() {
  auto ref = std::make_shared<std::string>();
  Command command("run lineage",
                  "What a model, run, dataset or tile came from, and all that came of it");
  command.positional("REF", *ref, "a name or id; of a tile, the first digits of its id will do")
      .example("canopy run lineage walnut")
      .example("canopy run lineage 3f9c2a71be04")
      .run([ref](Context& context) {
        OpenWorkspace space(context.workspace());
        History history = history_of(space, space.catalog(), *ref);
        std::ranges::stable_sort(history.nodes, {}, &LineageNode::distance);
        if (context.json)
          std::printf("%s\n", to_json(history).dump(2).c_str());
        else
          print(history);
        return kDone;
      });
  return command;
}

}  // namespace canopy
