// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "catalog/postgres_session.h"

// What a training run has learnt about its tiles, on its way into a catalog. A run leaves it as
// scores.csv (train/tile_scores.h), beside itself, so that a machine without a catalog can score,
// too:
//
//   tile_id,step,loss,mask_iou_mean,mask_iou_std,difficulty,times_seen
//
// Both engines read that file themselves, in one statement, and give each row the tile_key of its
// tile: a score is of a picture, whichever revision of its labels was learnt from. A row of a tile
// that the catalog does not know is left out. A run is entered once, when it is done, whole or not
// at all; entering it again changes nothing, so that datasets that were made by its scores can be
// held against them.

namespace canopy {

struct ScoreFile {
  std::filesystem::path csv;
  std::string run_id, scored_at;  ///< base/utc.h
};

/// Writes `target`, catalog/scores/<run>.parquet, unless it is there; `tiles` are the parts that
/// know the keys. Returns the number of its rows. Throws User, naming the file, for one that holds
/// anything else.
std::int64_t write_score_part(const ScoreFile& scores,
                              const std::vector<std::filesystem::path>& tiles,
                              const std::filesystem::path& target);

/// The same as rows of the table `scores`.
std::int64_t copy_scores(const ScoreFile& scores, PostgresSession& session);

}  // namespace canopy
