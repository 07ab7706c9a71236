// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "data/test_tile.h"
#include "nn/bands.h"
#include "train/trainer.h"

// Tests only: four small tiles in a store, and options with which a run takes seconds.

namespace canopy {

class TinyData {
 public:
  TinyData(const std::string& name, LabelKind kind) {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("train_" + name + "_" + std::to_string(::getpid()));  // tests run side by side
    std::filesystem::remove_all(folder_);
    store = open_blob_store((folder_ / "examples").string());
    for (std::uint64_t i = 0; i < 4; ++i) {
      Example example = tile_of_crowns(96, 4, i + 1);
      example.kind = kind;
      if (kind != LabelKind::Mask) example.id_map.clear();
      if (kind == LabelKind::Point)
        for (LabelledObject& tree : example.objects) tree.xmax = tree.xmin, tree.ymax = tree.ymin;
      trees_.push_back(std::ssize(example.objects));
      const EncodedExample encoded = encode(example);
      const std::string uri = example_path(encoded.tile_id);
      store->put_if_absent(uri, encoded.bytes);
      refs_.push_back({encoded.tile_id,
                       uri,
                       std::ssize(encoded.bytes),
                       i < 3 ? "train" : "val",
                       name_of(kind),
                       1});
    }
  }
  ~TinyData() { std::filesystem::remove_all(folder_); }
  TinyData(const TinyData&) = delete;
  TinyData& operator=(const TinyData&) = delete;

  TrainingData data() const {
    return {store.get(), refs_, "tiny-000000000000", {{"name", "tiny"}}};
  }
  std::filesystem::path run(const std::string& name) const { return folder_ / "runs" / name; }
  std::int64_t trees(std::size_t tile) const { return trees_[tile]; }

  std::unique_ptr<BlobStore> store;

 private:
  std::filesystem::path folder_;
  std::vector<ExampleRef> refs_;
  std::vector<std::int64_t> trees_;
};

inline TrainOptions tiny_options() {
  TrainOptions options;
  options.steps = 4;
  options.warm_up = 2;
  options.checkpoint_every = 2;
  options.threads = 1;  // waiting OpenMP threads cost more than they give here
  options.loader.batch = 2;
  options.loader.threads = 2;
  options.loader.crop.size_px = 64;
  options.loader.crop.crown_px = 600;
  options.network.fpn_channels = options.network.box_head_channels =
      options.network.mask_head_channels = 16;
  options.network.mask_head_layers = 1;
  options.network.proposals_before_nms = 100;
  options.network.proposals_after_nms = 40;
  options.network.rois_per_image = 16;
  options.network.max_detections = 20;
  return options;
}

}  // namespace canopy
