// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "data/loader.h"
#include "nn/mask_rcnn.h"

// All that a run needs to go on as if nothing had happened. A checkpoint is two files in
// `checkpoints/`:
//
//  1. step-00001200.safetensors: tensors "weights/...", "average/...", "optimiser/...",
//     "scores/...";
//  2. step-00001200.json: the rest, and the SHA-256 of the first. It is written last and is the
//  commit.
//
// On loading, the newest one whose first file has that SHA-256 is taken; whatever a killed process
// or a broken disk left is passed over.

namespace canopy {

struct Checkpoint {
  std::int64_t step = 0;  ///< steps done
  StreamPosition at;      ///< of the next sample
  std::int64_t optimiser_steps = 0;
  double seconds = 0;       ///< trained so far, all starts together
  std::string refs_sha256;  ///< of the list of training tiles
  std::int64_t seed = 0;
  nlohmann::json more = nlohmann::json::object();  ///< what else the trainer wants to find again
  NamedTensors weights, average, optimiser, scores;
};

/// Writes atomically and durably, reads back and verifies, then removes all but the newest `keep`.
void save_checkpoint(const std::filesystem::path& folder,
                     const Checkpoint& checkpoint,
                     int keep = 3);

/// The newest that verifies, or nothing. Broken ones are logged as warnings.
std::optional<Checkpoint> load_newest_checkpoint(const std::filesystem::path& folder);

}  // namespace canopy
