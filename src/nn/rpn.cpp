// SPDX-License-Identifier: Apache-2.0
#include "nn/rpn.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "nn/boxes.h"
#include "nn/by_picture.h"
#include "nn/nms.h"
#include "nn/patches.h"
#include "nn/product.h"

namespace canopy {
namespace {

const std::string kConv = "rpn.head.conv.0.0", kScore = "rpn.head.cls_logits",
                  kBox = "rpn.head.bbox_pred";

/// An anchor that a loss looks at, with the true box it stands for (or none).
struct Sampled {
  Cell cell;
  std::int64_t anchor_in_cell, anchor, truth;
};

/// Where anchor number `anchor` of a picture lies.
Sampled locate(std::int64_t anchor,
               std::int64_t picture,
               const std::vector<at::Tensor>& features,
               std::int64_t per_cell) {
  std::int64_t rest = anchor, level = 0;
  while (rest >= features[level].size(2) * features[level].size(3) * per_cell) {
    rest -= features[level].size(2) * features[level].size(3) * per_cell;
    ++level;
  }
  const std::int64_t cell = rest / per_cell, width = features[level].size(3);
  return {{level, picture, cell / width, cell % width}, rest % per_cell, anchor, kBackground};
}

/// Positives of all pictures first, then negatives. Of the positives, those whose tree's extent is
/// known come first.
struct Chosen {
  std::vector<Sampled> anchors;
  std::size_t positives = 0, with_extent = 0;
};

Chosen choose_anchors(const std::vector<at::Tensor>& features,
                      const at::Tensor& anchors,
                      const std::vector<Targets>& targets,
                      const RpnSettings& settings,
                      std::int64_t per_cell,
                      std::uint64_t seed) {
  std::vector<Sampled> positive, without_extent, negative;
  for (std::size_t n = 0; n < targets.size(); ++n) {
    const std::vector<std::int64_t> matches = match_targets(targets[n], anchors, settings.match);
    const Sample sample =
        sample_matches(matches, settings.samples, settings.positive_share, Random(seed, 1, n));
    const auto add = [&](std::vector<Sampled>& to, std::int64_t anchor) {
      to.push_back(locate(anchor, static_cast<std::int64_t>(n), features, per_cell));
      to.back().truth = matches[anchor];
    };
    for (std::int64_t anchor : sample.positive)
      add(targets[n].has_extents ? positive : without_extent, anchor);
    for (std::int64_t anchor : sample.negative) add(negative, anchor);
  }
  Chosen chosen{std::move(positive)};
  chosen.with_extent = chosen.anchors.size();
  chosen.anchors.insert(chosen.anchors.end(), without_extent.begin(), without_extent.end());
  chosen.positives = chosen.anchors.size();
  chosen.anchors.insert(chosen.anchors.end(), negative.begin(), negative.end());
  return chosen;
}

/// What the corrections should be, where that is known.
at::Tensor box_targets(const Chosen& chosen,
                       const at::Tensor& anchors,
                       const std::vector<Targets>& targets) {
  std::vector<at::Tensor> from, to;
  for (std::size_t i = 0; i < chosen.with_extent;) {
    std::vector<std::int64_t> anchor, truth;
    const std::int64_t picture = chosen.anchors[i].cell.picture;
    for (; i < chosen.with_extent && chosen.anchors[i].cell.picture == picture; ++i) {
      anchor.push_back(chosen.anchors[i].anchor);
      truth.push_back(chosen.anchors[i].truth);
    }
    from.push_back(anchors.index_select(0, at::tensor(anchor, at::kLong)));
    to.push_back(targets[picture].boxes.index_select(0, at::tensor(truth, at::kLong)));
  }
  return from.empty() ? at::zeros({0, 4})
                      : encode_boxes(at::cat(to), at::cat(from), kProposalWeights);
}

/// The head at the cells of the chosen anchors: logits [S] and corrections [with_extent, 4].
std::pair<at::Tensor, at::Tensor> head_at(const NamedTensors& weights,
                                          const std::vector<at::Tensor>& features,
                                          const Chosen& chosen,
                                          std::int64_t per_cell) {
  std::vector<Cell> cells;
  for (const Sampled& s : chosen.anchors) cells.push_back(s.cell);
  std::sort(cells.begin(), cells.end());
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  std::vector<std::int64_t> rows;
  for (const Sampled& s : chosen.anchors)
    rows.push_back((std::lower_bound(cells.begin(), cells.end(), s.cell) - cells.begin()) *
                       per_cell +
                   s.anchor_in_cell);

  const at::Tensor& kernel = weight(weights, kConv + ".weight");
  const at::Tensor by_patch = kernel.permute({0, 2, 3, 1}).reshape({kernel.size(0), -1});
  const at::Tensor hidden =
      product(gather_patches(features, cells), by_patch, weight(weights, kConv + ".bias")).relu_();
  const auto predict = [&](const std::string& name) {
    const at::Tensor& w = weight(weights, name + ".weight");
    return product(hidden, w.flatten(1), weight(weights, name + ".bias"));
  };
  const at::Tensor row = at::tensor(rows, at::kLong).to(hidden.device());
  return {predict(kScore).to(at::kFloat).reshape({-1}).index_select(0, row),
          predict(kBox)
              .to(at::kFloat)
              .reshape({-1, 4})
              .index_select(0, row.slice(0, 0, static_cast<std::int64_t>(chosen.with_extent)))};
}

}  // namespace

WeightSpecs rpn_specs(int channels, int anchors_per_cell) {
  WeightSpecs specs =
      convolution_specs(kConv, channels, channels, 3, WeightSpec::Start::Normal, 0.01);
  append(specs,
         convolution_specs(kScore, channels, anchors_per_cell, 1, WeightSpec::Start::Normal, 0.01));
  append(
      specs,
      convolution_specs(kBox, channels, 4 * anchors_per_cell, 1, WeightSpec::Start::Normal, 0.01));
  return specs;
}

RpnMap rpn_map(const std::vector<at::Tensor>& objectness,
               const std::vector<at::Tensor>& deltas,
               const RpnSettings& settings,
               Extent image) {
  std::vector<at::Tensor> scores, corrections, anchors;
  RpnMap map;
  for (std::size_t level = 0; level < objectness.size(); ++level) {
    const std::int64_t pictures = objectness[level].size(0);
    scores.push_back(objectness[level].permute({0, 2, 3, 1}).reshape({pictures, -1}));
    corrections.push_back(deltas[level].permute({0, 2, 3, 1}).reshape({pictures, -1, 4}));
    anchors.push_back(
        level_anchors(cell_anchors({settings.anchor_sizes[level]}, settings.anchor_ratios)
                          .to(objectness[level].device()),
                      {objectness[level].size(2), objectness[level].size(3)},
                      image));
    map.level_anchors.push_back(anchors.back().size(0));
  }
  map.objectness = at::cat(scores, 1).to(at::kFloat);
  map.deltas = at::cat(corrections, 1).to(at::kFloat);
  map.anchors = at::cat(anchors);
  return map;
}

RpnMap rpn_map(const NamedTensors& weights,
               const std::vector<at::Tensor>& features,
               const RpnSettings& settings,
               Extent image) {
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> objectness, deltas;
  const at::Tensor both =
      at::cat({weight(weights, kScore + ".weight"), weight(weights, kBox + ".weight")});
  const at::Tensor bias =
      at::cat({weight(weights, kScore + ".bias"), weight(weights, kBox + ".bias")});
  const std::int64_t per_cell = weight(weights, kScore + ".bias").size(0);
  for (const at::Tensor& feature : features) {
    const at::Tensor out = at::conv2d(convolve(weights, kConv, feature).relu_(), both, bias);
    objectness.push_back(out.slice(1, 0, per_cell));
    deltas.push_back(out.slice(1, per_cell));
  }
  return rpn_map(objectness, deltas, settings, image);
}

std::vector<Proposals> propose(const RpnMap& map,
                               const RpnSettings& settings,
                               const std::vector<Extent>& images) {
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> best;  // by level: indices of its best anchors [N, K]
  std::vector<std::int64_t> level_of;
  std::int64_t offset = 0;
  for (std::size_t level = 0; level < map.level_anchors.size(); ++level) {
    const std::int64_t count = map.level_anchors[level],
                       kept = std::min(settings.before_nms, count);
    best.push_back(std::get<1>(map.objectness.slice(1, offset, offset + count).topk(kept, 1)) +
                   offset);
    level_of.insert(level_of.end(), kept, static_cast<std::int64_t>(level));
    offset += count;
  }
  const at::Tensor chosen = at::cat(best, 1),
                   levels = at::tensor(level_of, at::kLong).to(chosen.device());
  std::vector<Proposals> proposals;
  for (std::size_t n = 0; n < images.size(); ++n) {
    const auto picture = static_cast<std::int64_t>(n);
    const at::Tensor index = chosen[picture];
    at::Tensor scores = map.objectness[picture].index_select(0, index).sigmoid();
    at::Tensor boxes = decode_boxes(map.deltas[picture].index_select(0, index),
                                    map.anchors.index_select(0, index),
                                    kProposalWeights)
                           .squeeze(1);
    boxes = clip_boxes(boxes, images[n]);
    at::Tensor keep = large_boxes(boxes, settings.least_px);
    keep = keep.index_select(
        0, at::nonzero(scores.index_select(0, keep).ge(settings.least_score)).view(-1));
    boxes = boxes.index_select(0, keep), scores = scores.index_select(0, keep);
    keep = batched_nms(boxes, scores, levels.index_select(0, keep), settings.nms_iou)
               .slice(0, 0, settings.after_nms);
    proposals.push_back({boxes.index_select(0, keep), scores.index_select(0, keep)});
  }
  return proposals;
}

RpnLosses rpn_losses(const NamedTensors& weights,
                     const std::vector<at::Tensor>& features,
                     const at::Tensor& anchors,
                     const std::vector<Targets>& targets,
                     const RpnSettings& settings,
                     std::uint64_t seed) {
  const std::int64_t per_cell = weight(weights, kScore + ".bias").size(0);
  const at::Tensor known = anchors.cpu();  // what is chosen is decided on the host
  const Chosen chosen = choose_anchors(features, known, targets, settings, per_cell, seed);
  const auto count = static_cast<std::int64_t>(chosen.anchors.size()),
             positives = static_cast<std::int64_t>(chosen.positives);
  const auto [logits, deltas] = head_at(weights, features, chosen, per_cell);
  at::Tensor labels = at::zeros({count});
  labels.slice(0, 0, positives).fill_(1);
  const at::Tensor objectness = at::binary_cross_entropy_with_logits(
      logits, labels.to(logits.device()), {}, {}, at::Reduction::None);
  const at::Tensor corrected =
      at::smooth_l1_loss(deltas,
                         box_targets(chosen, known, targets).to(deltas.device()),
                         at::Reduction::None,
                         1.0 / 9)
          .sum(1);
  const at::Tensor box =
      at::cat({corrected, at::zeros({count - corrected.size(0)}, corrected.options())});
  std::vector<std::int64_t> pictures;
  for (const Sampled& s : chosen.anchors) pictures.push_back(s.cell.picture);
  const at::Tensor picture = at::tensor(pictures, at::kLong);
  const std::int64_t of = std::ssize(targets);
  return {
      mean_or_zero(objectness),
      mean_or_zero(box),
      at::stack({mean_by_picture(objectness, picture, of), mean_by_picture(box, picture, of)}, 1)};
}

}  // namespace canopy
