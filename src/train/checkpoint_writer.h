// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <future>

#include "train/checkpoint.h"

namespace canopy {

/// Writes checkpoints while training goes on. The training's thread pays for a copy of the tensors
/// alone; hashing, writing, syncing and reading back are another thread's. One is under way at a
/// time, so memory is bounded: whoever writes the next waits for it.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// Waits for the one under way; what is wrong with it is logged, since nobody is there to hear.
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  /// Copies and returns. Throws what the one before it died of.
  void write(Checkpoint checkpoint);
  /// Returns when everything is durable. Throws what the last one died of.
  void wait();

 private:
  const std::filesystem::path folder_;
  std::future<void> under_way_;
};

}  // namespace canopy
