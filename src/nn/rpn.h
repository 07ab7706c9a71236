// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "nn/anchors.h"
#include "nn/instances.h"
#include "nn/matching.h"
#include "nn/weights.h"

// The region proposal network (Ren et al. 2015), in torchvision's semantics and names
// ("rpn.head."): at each cell of each level a score and a correction for each anchor.
//
// The head runs over the whole pyramid without gradients, for the proposals. Its losses look at a
// few hundred anchors, so they are computed a second time at those cells alone, with gradients
// (patches.h).

namespace canopy {

struct RpnSettings {
  std::vector<double> anchor_sizes;  ///< one per level
  std::vector<double> anchor_ratios;
  MatchSettings match = {0.7, 0.3, true};
  std::int64_t samples = 256;
  double positive_share = 0.5;
  std::int64_t before_nms = 600;  ///< per level
  std::int64_t after_nms = 300;   ///< per picture
  double nms_iou = 0.7, least_px = 1e-3, least_score = 0;
};

WeightSpecs rpn_specs(int channels, int anchors_per_cell);

/// The head's output for a batch, in the order level, row, column, anchor.
struct RpnMap {
  at::Tensor objectness;                    ///< [N, A]
  at::Tensor deltas;                        ///< [N, A, 4]
  at::Tensor anchors;                       ///< [A, 4]
  std::vector<std::int64_t> level_anchors;  ///< anchors of each level
};
/// Joins per-level outputs of a head, objectness [N, K, H, W] and deltas [N, 4 K, H, W].
RpnMap rpn_map(const std::vector<at::Tensor>& objectness,
               const std::vector<at::Tensor>& deltas,
               const RpnSettings& settings,
               Extent image);
/// Runs the head, without gradients.
RpnMap rpn_map(const NamedTensors& weights,
               const std::vector<at::Tensor>& features,
               const RpnSettings& settings,
               Extent image);

struct Proposals {
  at::Tensor boxes, scores;  ///< [P, 4] and [P], best first
};
/// One per picture; `images` are their extents, at which boxes are cut.
std::vector<Proposals> propose(const RpnMap& map,
                               const RpnSettings& settings,
                               const std::vector<Extent>& images);

struct RpnLosses {
  at::Tensor objectness, box;
  at::Tensor by_picture;  ///< [N, 2], as in Losses
};
RpnLosses rpn_losses(const NamedTensors& weights,
                     const std::vector<at::Tensor>& features,
                     const at::Tensor& anchors,
                     const std::vector<Targets>& targets,
                     const RpnSettings& settings,
                     std::uint64_t seed);

}  // namespace canopy
