// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "data/batch.h"
#include "data/order.h"
#include "eval/scene.h"
#include "nn/weights.h"

// What a run has learnt about its tiles: which of them it is at odds with. The losses of a step are
// means over what its pictures have sampled, so each picture's own costs no further pass
// (nn/by_picture.h). Of every tile that was seen:
//
//   loss         its newest loss: m <- (m + loss) / 2 each time that it is seen; a crop of a tile
//   is
//                a noisy witness, and the network of an epoch ago another one
//   times_seen   how often it was learnt from
//   step         when last
//   difficulty   d = r / (1 + r), where r is the same mean of loss / usual, and usual the run's
//                smoothed loss at that moment. 0.5: as hard as usual, 0.75: three times as hard.
//                Losses fall while a run goes on; r does not, so tiles that were seen early compare
//                with those that were seen late, and those of one run with another's
//
// A tile that the evaluation looked at has the IoU of its labelled trees' masks, each with the
// found tree that overlaps it most, 0 for one that was missed: mask_iou_mean and mask_iou_std over
// its trees. Held-out tiles have that alone.
//
// Only tiles that were seen take memory. The scores of a run are a function of its steps: they are
// kept with each checkpoint, and a resumed run ends with those of one that was not killed.

namespace canopy {

class TileScores {
 public:
  /// `refs`: what the order counts.
  TileScores(std::span<const ExampleRef> refs, std::shared_ptr<const Order> order)
      : refs_(refs), order_(std::move(order)) {}

  /// One step: `losses`, of each sample of the batch, and the run's usual loss. A sample that
  /// stands in for a tile that could not be read says nothing about that.
  void see(const Batch& batch, std::span<const double> losses, std::int64_t step, double usual);

  NamedTensors state() const;
  /// What `state` gave; of nothing, nothing.
  void restore(const NamedTensors& state);

  /// scores.csv: tile_id, step, loss, mask_iou_mean, mask_iou_std, difficulty, times_seen; what is
  /// not known is empty. Tiles in the order of the list, then those of `scenes` (named by tile_id,
  /// looked at after `step`) that were not learnt from. Found trees count from `threshold`. Atomic.
  void write(const std::filesystem::path& path,
             std::span<const Scene> scenes,
             double threshold,
             std::int64_t step) const;

 private:
  struct Seen {
    std::int64_t step = 0, times = 0;
    double loss = 0, relative = 0;
  };
  std::span<const ExampleRef> refs_;
  std::shared_ptr<const Order> order_;
  std::map<std::int64_t, Seen> seen_;  ///< by index into refs
};

struct MaskIou {
  double mean = 0, std = 0;
};
/// Of the labelled trees of a scene; nothing where it has none with a mask.
std::optional<MaskIou> mask_iou_of(const Scene& scene, double threshold);

}  // namespace canopy
