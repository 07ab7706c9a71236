// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "predict/stitcher.h"

// What the model said of each tile, kept beside the label map while that is being made, so that the
// same command goes on after a kill, a power cut or Ctrl-C:
//
//  1. The folder `labels.tif.tiles` holds `journal.json`, which names the mosaic, the model and
//     every option that decides the result. Tiles of another journal are removed first.
//  2. Each tile becomes a file of its own, whole or not at all (base/atomic_file.h): its id map as
//     runs, and the scores.
//  3. A run that finds tiles takes them instead of asking the model. Stitching is done anew, tile
//     by tile in the plan's order, so the label map has the same bytes as without the break.
//  4. When the label map is there, the folder goes.

namespace canopy {

class TileJournal {
 public:
  /// `identity`: a text that is the same only where every tile would be.
  TileJournal(std::filesystem::path folder, const std::string& identity);

  struct Entry {
    std::vector<std::uint32_t> ids;
    std::vector<TreeEvidence> trees;
  };
  /// Nothing where the tile is not there, is damaged, or has not `pixels` pixels.
  std::optional<Entry> read(std::size_t tile, std::size_t pixels) const;
  void write(std::size_t tile,
             std::span<const std::uint32_t> ids,
             std::span<const TreeEvidence> trees) const;
  /// Tiles that an earlier run has left.
  std::int64_t tiles_at_start() const { return tiles_at_start_; }
  void remove();

 private:
  std::filesystem::path file_of(std::size_t tile) const;

  std::filesystem::path folder_;
  std::int64_t tiles_at_start_ = 0;
};

}  // namespace canopy
