// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "train/train_options.h"

// A run is a folder: config.toml, dataset.json, env.json, metrics.csv, events.out.tfevents.*,
// checkpoints/, eval/, log.jsonl, scores.csv (train/tile_scores.h), model.safetensors, and DONE,
// which is written last and holds the result; STOPPED instead when it was ended early.

namespace canopy {

class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path config() const { return folder_ / "config.toml"; }
  std::filesystem::path dataset() const { return folder_ / "dataset.json"; }
  std::filesystem::path metrics() const { return folder_ / "metrics.csv"; }
  std::filesystem::path checkpoints() const { return folder_ / "checkpoints"; }
  std::filesystem::path eval() const { return folder_ / "eval"; }
  std::filesystem::path log() const { return folder_ / "log.jsonl"; }
  std::filesystem::path model() const { return folder_ / "model.safetensors"; }
  std::filesystem::path trace() const { return folder_ / "trace.json"; }
  std::filesystem::path scores() const { return folder_ / "scores.csv"; }
  std::filesystem::path done() const { return folder_ / "DONE"; }
  std::filesystem::path stopped() const { return folder_ / "STOPPED"; }

  bool exists() const { return std::filesystem::exists(config()); }
  bool is_done() const { return std::filesystem::exists(done()); }
  bool is_stopped() const { return std::filesystem::exists(stopped()); }

  /// Throws Conflict when there is a run.
  void require_new() const;
  /// A new run: writes dataset.json, env.json and, as the commit, config.toml. Throws Conflict when
  /// there is a run.
  void create(TrainOptions options, const nlohmann::ordered_json& dataset) const;
  /// The options that the run was made with. Throws NotFound when there is no run.
  TrainOptions options() const;
  /// Removes what a killed process left behind.
  void sweep() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace canopy
