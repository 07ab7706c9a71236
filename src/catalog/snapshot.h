// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catalog/catalog.h"

// A dataset is the immutable answer to one query (docs/formats.md, "Dataset snapshot"): the folder
// <name>-<first 12 digits of id> with
//
//   part-0.parquet   tile_id, uri, bytes, split, weight, label_kind, then what the query selects;
//                    in the order of tile_id
//   croissant.json   what it is, for other tools (Croissant 1.0)
//   dataset.json     id, query, engine, SHA-256 of each part and of each part of the catalog,
//                    counts. Written last: a folder without it is no dataset
//
// id = SHA-256 over the bytes of the parts and then the query. The same catalog, query, split and
// engine give the same bytes, so the same id, which is then reused; nothing is ever overwritten.

namespace canopy {

struct SnapshotOptions {
  std::string name = {};
  std::string where = {};
  std::string sql = {};
  std::vector<std::string> columns = {};
  std::string split_by = "source_sha256";
  std::string split = "train=80,val=10,test=10";
  int threads = 0;
  std::int64_t memory_mb = 4096;
  double timeout_s = 3600;

  template <class Fields>
  void describe(Fields& field) {
    field("where", where, "SQL condition on the columns of `examples`; empty: all.");
    field("sql",
          sql,
          "A whole SELECT instead of a condition, or the file that holds it. It must give tile_id, "
          "each once; uri, bytes and "
          "label_kind are looked "
          "up where it lacks them; a column weight or split, where given, is taken as it is.");
    field("columns", columns, "Further columns of `examples` to keep beside the usual ones.");
    field("split-by",
          split_by,
          "Column whose text decides the split (NULL: the tile's tile_key). Tiles of one mosaic "
          "overlap, so they stay "
          "together unless you choose tile_key.");
    field("split", split, "Shares of the splits, in percent.");
    field(
        "threads", threads, "Threads of the engine; 0: all cores. The bytes do not depend on it.");
    field("memory-mb", memory_mb, "Memory of the engine; larger sorts go to disk.");
    field("timeout-s", timeout_s, "Seconds after which the query is stopped; 0: never.");
  }
  /// Throws User when the name is no file name, both where and sql are given, or a number is out of
  /// range.
  void validate() const;
};

/// A dataset on disk. `manifest` is dataset.json as it stands.
struct Snapshot {
  std::filesystem::path folder;
  std::string name, id;
  nlohmann::ordered_json manifest;

  /// "<name>-<id12>".
  std::string ref() const { return name + "-" + id.substr(0, 12); }
  std::vector<std::filesystem::path> parts() const;
  std::int64_t tile_count() const;
};

struct CreatedSnapshot {
  Snapshot snapshot;
  bool reused = false;  ///< it was there already
  std::vector<std::string>
      notes;  ///< what the user should know: an empty split, an older snapshot reused
};

/// Makes the dataset that answers `options` below `datasets_folder`, or finds it there. Throws
/// User, with the engine's words and the place, when the query is wrong, when no tile answers it,
/// when a tile comes twice, has no file or a weight that is not a finite number from 0, when
/// `train` has a share and gets nothing, and at the time limit.
CreatedSnapshot create_snapshot(const Catalog& catalog,
                                const SnapshotOptions& options,
                                const std::filesystem::path& datasets_folder);

/// All datasets, oldest first. Folders without dataset.json are none.
std::vector<Snapshot> list_snapshots(const std::filesystem::path& datasets_folder);

/// `ref` is a name (its newest snapshot), <name>-<id12>, an id or its beginning (12 digits at
/// least), or the path of a folder or of its dataset.json. Throws NotFound, naming what is near,
/// and User for a damaged manifest.
Snapshot load_snapshot(const std::string& ref, const std::filesystem::path& datasets_folder);

/// What is broken, one line each; nothing when each file is there with its size and SHA-256, no
/// part is there that the manifest does not name, rows and id agree, and (where given) the manifest
/// has the SHA-256 that the registry keeps.
std::vector<std::string> verify_snapshot(const Snapshot& snapshot,
                                         const std::string& manifest_sha256 = "");
/// The rule for ids: SHA-256 over the bytes of the parts in order, then the text of the query.
std::string dataset_id(const std::vector<std::filesystem::path>& parts, const std::string& query);
/// SHA-256 of dataset.json: what the registry keeps.
std::string manifest_sha256(const Snapshot& snapshot);

}  // namespace canopy
