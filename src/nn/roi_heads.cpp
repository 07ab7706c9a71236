// SPDX-License-Identifier: Apache-2.0
#include "nn/roi_heads.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "nn/box_head.h"
#include "nn/boxes.h"
#include "nn/by_picture.h"
#include "nn/id_map_targets.h"
#include "nn/mask_head.h"
#include "nn/nms.h"
#include "nn/roi_align.h"

namespace canopy {
namespace {

/// Boxes of all pictures with the picture's number before each.
at::Tensor numbered(const std::vector<at::Tensor>& boxes) {
  std::vector<at::Tensor> rois;
  for (std::size_t n = 0; n < boxes.size(); ++n)
    rois.push_back(at::cat(
        {at::full({boxes[n].size(0), 1}, static_cast<double>(n), boxes[n].options()), boxes[n]},
        1));
  return at::cat(rois);
}

at::Tensor pool(const std::vector<at::Tensor>& features,
                const at::Tensor& rois,
                Extent image,
                int bins) {
  const std::vector<at::Tensor> used(features.begin(),
                                     features.begin() + std::min<std::size_t>(4, features.size()));
  return roi_align_pyramid(used, rois, image[0], {bins, 2, false});
}

/// The regions of one picture that the losses look at, on the host.
struct Regions {
  at::Tensor boxes, labels, deltas;  // [R, 4], int64 [R], [R, 4]
  at::Tensor has_delta;              // bool [R]: the region's box correction is known
  at::Tensor mask_boxes, mask_labels,
      mask_targets;  // of the positive ones, undefined without masks
};

at::Tensor indices(const std::vector<std::int64_t>& values) {
  return at::tensor(values, at::kLong);
}

Regions choose_regions(const at::Tensor& proposals,
                       const Targets& target,
                       const RoiSettings& settings,
                       Random random) {
  const at::Tensor candidates = at::cat({proposals, target.boxes});
  const std::vector<std::int64_t> matches = match_targets(target, candidates, settings.match);
  const Sample sample = sample_matches(matches, settings.samples, settings.positive_share, random);
  const auto positives = static_cast<std::int64_t>(sample.positive.size()),
             negatives = static_cast<std::int64_t>(sample.negative.size());
  std::vector<std::int64_t> truth;
  for (std::int64_t i : sample.positive) truth.push_back(matches[i]);
  const at::Tensor matched = indices(truth),
                   positive = candidates.index_select(0, indices(sample.positive));
  const at::Tensor classes = target.classes.index_select(0, matched);
  Regions regions;
  regions.boxes = at::cat({positive, candidates.index_select(0, indices(sample.negative))});
  regions.labels = at::cat({classes, at::zeros({negatives}, at::kLong)});
  regions.deltas = at::zeros({positives + negatives, 4});
  regions.has_delta =
      regions.labels.gt(0).logical_and(at::scalar_tensor(target.has_extents, at::kBool));
  if (positives > 0)
    regions.deltas.slice(0, 0, positives)
        .copy_(encode_boxes(target.boxes.index_select(0, matched), positive, kDetectionWeights));
  if (!target.has_masks || positives == 0) return regions;
  const at::Tensor ids = target.object_ids.index_select(0, matched);
  const std::int64_t* id = ids.const_data_ptr<std::int64_t>();
  regions.mask_boxes = positive;
  regions.mask_labels = classes;
  regions.mask_targets = id_map_targets(target.id_map, positive, {id, id + positives}, kMaskSize);
  return regions;
}

/// Of each positive region of the pictures that have masks, with the picture's number.
struct MaskLosses {
  at::Tensor values, picture;
};

MaskLosses mask_losses_of(const NamedTensors& weights,
                          const std::vector<at::Tensor>& features,
                          const std::vector<Regions>& regions,
                          Extent image) {
  const at::Device device = features[0].device();
  std::vector<at::Tensor> boxes, labels, targets;
  for (const Regions& r : regions) {
    boxes.push_back(r.mask_boxes.defined() ? r.mask_boxes : at::zeros({0, 4}));
    if (!r.mask_boxes.defined()) continue;
    labels.push_back(r.mask_labels);
    targets.push_back(r.mask_targets);
  }
  const at::Tensor rois = numbered(boxes);
  const at::Tensor picture = rois.select(1, 0).to(at::kLong);
  if (labels.empty())
    return {weight(weights, "roi_heads.mask_predictor.mask_fcn_logits.bias").slice(0, 0, 0),
            picture};
  const at::Tensor logits = mask_head(
      weights, pool(features, rois.to(device), image, kMaskBins), at::cat(labels).to(device));
  return {mask_losses(logits, at::cat(targets).to(device)), picture};
}

/// Boxes, scores and classes of one picture.
Instances detections_of(const at::Tensor& scores,
                        const at::Tensor& decoded,
                        const RoiSettings& settings,
                        Extent image) {
  const std::int64_t regions = scores.size(0), classes = scores.size(1);
  at::Tensor labels = at::arange(classes, scores.options().dtype(at::kLong))
                          .expand({regions, classes})
                          .slice(1, 1)
                          .reshape({-1});
  at::Tensor boxes = clip_boxes(decoded, image).slice(1, 1).reshape({-1, 4}),
             flat = scores.slice(1, 1).reshape({-1});
  at::Tensor keep = at::nonzero(flat.gt(settings.score_threshold)).view(-1);
  const auto select = [&](const at::Tensor& index) {
    boxes = boxes.index_select(0, index), flat = flat.index_select(0, index),
    labels = labels.index_select(0, index);
  };
  select(keep);
  select(large_boxes(boxes, settings.least_px));
  select(batched_nms(boxes, flat, labels, settings.nms_iou).slice(0, 0, settings.max_detections));
  return {boxes, flat, labels, {}};
}

}  // namespace

RoiLosses roi_losses(const NamedTensors& weights,
                     const std::vector<at::Tensor>& features,
                     const std::vector<at::Tensor>& proposals,
                     const std::vector<Targets>& targets,
                     const RoiSettings& settings,
                     Extent image,
                     std::uint64_t seed) {
  const at::Device device = features[0].device();
  std::vector<Regions> regions;
  std::vector<at::Tensor> boxes, labels, deltas, has_delta;
  for (std::size_t n = 0; n < targets.size(); ++n) {
    regions.push_back(choose_regions(proposals[n].cpu(), targets[n], settings, Random(seed, 2, n)));
    boxes.push_back(regions[n].boxes);
    labels.push_back(regions[n].labels);
    deltas.push_back(regions[n].deltas);
    has_delta.push_back(regions[n].has_delta);
  }
  const at::Tensor rois = numbered(boxes);
  const BoxPrediction prediction =
      box_head(weights, pool(features, rois.to(device), image, kBoxBins));
  const BoxLosses box = box_losses(prediction,
                                   at::cat(labels).to(device),
                                   at::cat(deltas).to(device),
                                   at::cat(has_delta).to(device));
  const MaskLosses mask = mask_losses_of(weights, features, regions, image);
  const at::Tensor picture = rois.select(1, 0).to(at::kLong);
  const std::int64_t of = std::ssize(targets);
  return {mean_or_zero(box.classifier),
          mean_or_zero(box.box),
          mean_or_zero(mask.values),
          at::stack({mean_by_picture(box.classifier, picture, of),
                     mean_by_picture(box.box, picture, of),
                     mean_by_picture(mask.values, mask.picture, of)},
                    1)};
}

std::vector<Instances> roi_detections(const NamedTensors& weights,
                                      const std::vector<at::Tensor>& features,
                                      const std::vector<at::Tensor>& proposals,
                                      const RoiSettings& settings,
                                      Extent image) {
  at::NoGradGuard no_grad;
  const BoxPrediction prediction =
      box_head(weights, pool(features, numbered(proposals), image, kBoxBins));
  const at::Tensor scores = at::softmax(prediction.logits, -1);
  const at::Tensor decoded = decode_boxes(prediction.deltas, at::cat(proposals), kDetectionWeights);
  std::vector<Instances> found;
  std::vector<at::Tensor> boxes, labels;
  std::int64_t first = 0;
  for (const at::Tensor& own : proposals) {
    const std::int64_t last = first + own.size(0);
    found.push_back(detections_of(
        scores.slice(0, first, last), decoded.slice(0, first, last), settings, image));
    boxes.push_back(found.back().boxes);
    labels.push_back(found.back().classes);
    first = last;
  }
  const at::Tensor rois = numbered(boxes);
  const at::Tensor masks =
      rois.size(0) == 0
          ? at::zeros({0, kMaskSize, kMaskSize}, rois.options())
          : mask_head(weights, pool(features, rois, image, kMaskBins), at::cat(labels)).sigmoid_();
  first = 0;
  for (Instances& one : found) {
    one.masks = masks.slice(0, first, first + one.boxes.size(0));
    first += one.boxes.size(0);
  }
  return found;
}

}  // namespace canopy
