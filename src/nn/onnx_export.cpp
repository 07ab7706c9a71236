// SPDX-License-Identifier: Apache-2.0
#include "nn/onnx_export.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/error.h"
#include "nn/anchors.h"
#include "nn/backbone.h"
#include "nn/box_head.h"
#include "nn/boxes.h"
#include "nn/fpn.h"
#include "nn/mask_head.h"
#include "nn/onnx_graph.h"
#include "nn/onnx_trace.h"

namespace canopy {
namespace {

using Value = std::string;

/// The network, stage by stage, as nodes. Each step is the one of the same name in rpn.cpp and
/// roi_heads.cpp.
class Writer {
 public:
  Writer(const Model& model, int size_px)
      : weights_(model.network.weights()), config_(model.network.config()), size_(size_px) {}

  OnnxGraph write() {
    graph_.input(
        {"planes", at::kFloat, {std::int64_t{1}, std::int64_t{config_.bands}, size_, size_}});
    features();
    const Value proposals = propose();
    const Detections found = detect(proposals);
    const std::string d = "detections";
    graph_.output(found.boxes, {"boxes", at::kFloat, {d, std::int64_t{4}}});
    graph_.output(found.scores, {"scores", at::kFloat, {d}});
    graph_.output(found.classes, {"classes", at::kLong, {d}});
    graph_.output(masks(found),
                  {"masks", at::kFloat, {d, std::int64_t{kMaskSize}, std::int64_t{kMaskSize}}});
    return std::move(graph_);
  }

 private:
  struct Detections {
    Value boxes, scores, classes;
  };

  // ---- small words

  Value c(const std::vector<std::int64_t>& numbers) { return graph_.constant(numbers); }
  Value number(double value) { return graph_.constant(value); }
  Value op(const char* name, const std::vector<Value>& in, const OnnxGraph::Attributes& how = {}) {
    return graph_.node(name, in, how);
  }
  Value slice(const Value& x, std::int64_t axis, std::int64_t begin, std::int64_t end) {
    return op("Slice", {x, c({begin}), c({end}), c({axis})});
  }
  Value reshape(const Value& x, const std::vector<std::int64_t>& shape) {
    return op("Reshape", {x, c(shape)});
  }
  Value rows(const Value& x, const Value& index) { return op("Gather", {x, index}, {{"axis", 0}}); }
  Value tensor(const std::string& name) { return graph_.constant(weight(weights_, name)); }

  Value convolution(const std::string& name, const Value& x) {
    const std::int64_t pad = weight(weights_, name + ".weight").size(2) / 2;
    return op("Conv",
              {x, tensor(name + ".weight"), tensor(name + ".bias")},
              {{"pads", std::vector<std::int64_t>{pad, pad, pad, pad}}});
  }
  Value linear(const std::string& name, const Value& x) {
    return op("Gemm",
              {x, tensor(name + ".weight"), tensor(name + ".bias")},
              {{"transB", std::int64_t{1}}});
  }

  // ---- boxes

  /// boxes [..., 4] and deltas [..., 4] -> corrected boxes, cut at the picture's edge.
  Value decoded(const Value& boxes, const Value& deltas, const BoxWeights& scale) {
    const auto column = [&](const Value& x, std::int64_t i) { return slice(x, -1, i, i + 1); };
    const Value most = number(std::log(1000.0 / 16)), half = number(0.5);
    std::vector<Value> low, high;
    for (std::int64_t axis : {0, 1}) {
      const Value first = column(boxes, axis), last = column(boxes, axis + 2);
      const Value edge = op("Sub", {last, first});
      const Value centre = op("Add", {first, op("Mul", {edge, half})});
      const Value shift = op("Div", {column(deltas, axis), number(scale[axis])});
      const Value growth =
          op("Min", {op("Div", {column(deltas, axis + 2), number(scale[axis + 2])}), most});
      const Value middle = op("Add", {op("Mul", {shift, edge}), centre});
      const Value reach = op("Mul", {op("Mul", {op("Exp", {growth}), edge}), half});
      low.push_back(op("Sub", {middle, reach}));
      high.push_back(op("Add", {middle, reach}));
    }
    const Value all =
        op("Concat", {low[0], low[1], high[0], high[1]}, {{"axis", std::int64_t{-1}}});
    return op("Clip", {all, number(0), number(static_cast<double>(size_))});
  }

  /// `scores` [K] where boxes [K, 4] are at least so wide and high; -1 elsewhere.
  Value of_large_boxes(const Value& scores, const Value& boxes, double least) {
    const Value edges = op("Sub", {slice(boxes, 1, 2, 4), slice(boxes, 1, 0, 2)});
    const Value shorter =
        op("ReduceMin",
           {edges},
           {{"axes", std::vector<std::int64_t>{1}}, {"keepdims", std::int64_t{0}}});
    return op("Where", {op("GreaterOrEqual", {shorter, number(least)}), scores, number(-1)});
  }

  /// Indices [M] of the boxes that are kept, best first; only boxes of one group suppress each
  /// other. `groups` int64 [K].
  Value kept(const Value& boxes,
             const Value& scores,
             const Value& groups,
             double iou,
             double least_score,
             std::int64_t most) {
    const Value offset = op(
        "Mul",
        {op("Cast", {groups}, {{"to", std::int64_t{1}}}), number(static_cast<double>(size_) + 1)});
    const Value apart = op("Add", {boxes, op("Unsqueeze", {offset, c({1})})});
    const Value chosen = op("NonMaxSuppression",
                            {op("Unsqueeze", {apart, c({0})}),
                             op("Unsqueeze", {scores, c({0, 1})}),
                             c({most}),
                             number(iou),
                             number(least_score)});
    return reshape(slice(chosen, 1, 2, 3), {-1});
  }

  // ---- stages

  void features() {
    OnnxTrace trace(graph_);
    const at::Tensor planes = at::zeros({1, config_.bands, size_, size_});
    trace.watch(planes, "planes");
    std::vector<at::Tensor> maps =
        feature_pyramid(weights_, backbone_features(config_.backbone, weights_, planes));
    if (config_.anchor_sizes.size() > maps.size())
      maps.push_back(at::max_pool2d(maps.back(), 1, 2));
    for (const at::Tensor& map : maps) {
      features_.push_back(trace.value_of(map));
      grids_.push_back({map.size(2), map.size(3)});
    }
  }

  Value propose() {
    const auto per_cell = static_cast<std::int64_t>(config_.anchor_ratios.size());
    std::vector<Value> boxes, scores;
    std::vector<std::int64_t> level_of;
    for (std::size_t level = 0; level < features_.size(); ++level) {
      const Value hidden = op("Relu", {convolution("rpn.head.conv.0.0", features_[level])});
      const auto by_anchor = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
        const Value nhwc = op("Transpose",
                              {convolution(name, hidden)},
                              {{"perm", std::vector<std::int64_t>{0, 2, 3, 1}}});
        return reshape(nhwc, shape);
      };
      const Value score = by_anchor("rpn.head.cls_logits", {-1});
      const Value delta = by_anchor("rpn.head.bbox_pred", {-1, 4});
      const at::Tensor anchors =
          level_anchors(cell_anchors({config_.anchor_sizes[level]}, config_.anchor_ratios),
                        grids_[level],
                        {size_, size_});
      const std::int64_t count = grids_[level][0] * grids_[level][1] * per_cell,
                         most = std::min<std::int64_t>(config_.detect_proposals_before_nms, count);
      const std::vector<Value> best = graph_.node_of_many("TopK", {score, c({most})}, 2);
      scores.push_back(best[0]);
      boxes.push_back(
          decoded(rows(graph_.constant(anchors), best[1]), rows(delta, best[1]), kProposalWeights));
      level_of.insert(level_of.end(), most, static_cast<std::int64_t>(level));
    }
    const OnnxGraph::Attributes first = {{"axis", std::int64_t{0}}};
    const Value all = op("Concat", boxes, first);
    const Value score = op("Sigmoid", {op("Concat", scores, first)});
    const Value index = kept(all,
                             of_large_boxes(score, all, 1e-3),
                             c(level_of),
                             config_.rpn_nms,
                             -0.5,
                             config_.detect_proposals_after_nms);
    return rows(all, index);
  }

  /// RoIAlign of boxes [R, 4], each on its own level: [R, C, bins, bins].
  Value pooled(const Value& boxes, std::int64_t bins) {
    const Value edges = op("Sub", {slice(boxes, 1, 2, 4), slice(boxes, 1, 0, 2)});
    const Value side = op("Sqrt", {op("Mul", {slice(edges, 1, 0, 1), slice(edges, 1, 1, 2)})});
    const Value octaves =
        op("Div", {op("Log", {op("Div", {side, number(224)})}), number(std::log(2.0))});
    const auto levels = static_cast<std::int64_t>(std::min<std::size_t>(4, features_.size()));
    const Value level = op("Clip",
                           {op("Floor", {op("Add", {octaves, number(4 + 1e-6 - 2)})}),
                            number(0),
                            number(static_cast<double>(levels - 1))});
    std::vector<Value> parts, indices;
    for (std::int64_t k = 0; k < levels; ++k) {
      const Value here = op("Equal", {reshape(level, {-1}), number(static_cast<double>(k))});
      const Value index = reshape(op("NonZero", {here}), {-1});
      const Value own = rows(boxes, index);
      const Value picture = op("Mul", {index, c({0})});
      parts.push_back(op("RoiAlign",
                         {features_[static_cast<std::size_t>(k)], own, picture},
                         {{"coordinate_transformation_mode", std::string("output_half_pixel")},
                          {"output_height", bins},
                          {"output_width", bins},
                          {"sampling_ratio", std::int64_t{2}},
                          {"spatial_scale", static_cast<float>(std::exp2(-2 - k))}}));
      indices.push_back(index);
    }
    const OnnxGraph::Attributes first = {{"axis", std::int64_t{0}}};
    const Value by_level = op("Concat", parts, first), order = op("Concat", indices, first);
    return op("ScatterND", {by_level, op("Unsqueeze", {order, c({1})}), by_level});
  }

  Detections detect(const Value& proposals) {
    const std::int64_t classes = config_.classes, others = classes - 1;
    const Value flat = op("Flatten", {pooled(proposals, kBoxBins)}, {{"axis", std::int64_t{1}}});
    const Value hidden = op(
        "Relu",
        {linear("roi_heads.box_head.fc7", op("Relu", {linear("roi_heads.box_head.fc6", flat)}))});
    const Value shares = op("Softmax",
                            {linear("roi_heads.box_predictor.cls_score", hidden)},
                            {{"axis", std::int64_t{1}}});
    const Value deltas =
        reshape(linear("roi_heads.box_predictor.bbox_pred", hidden), {-1, classes, 4});
    const Value boxes = decoded(op("Unsqueeze", {proposals, c({1})}), deltas, kDetectionWeights);
    const Value box = reshape(slice(boxes, 1, 1, classes), {-1, 4});
    const Value score = reshape(slice(shares, 1, 1, classes), {-1});
    const Value number_of = op("Range",
                               {graph_.constant(at::scalar_tensor(0, at::kLong)),
                                op("Size", {score}),
                                graph_.constant(at::scalar_tensor(1, at::kLong))});
    const Value label = op("Add", {op("Mod", {number_of, c({others})}), c({1})});
    const Value index = kept(box,
                             of_large_boxes(score, box, 1e-2),
                             label,
                             config_.detection_nms,
                             config_.score_threshold,
                             config_.max_detections);
    return {rows(box, index), rows(score, index), rows(label, index)};
  }

  Value masks(const Detections& found) {
    Value x = pooled(found.boxes, kMaskBins);
    for (int i = 0; i < config_.mask_head_layers; ++i)
      x = op("Relu", {convolution("roi_heads.mask_head." + std::to_string(i) + ".0", x)});
    const std::string up = "roi_heads.mask_predictor.conv5_mask";
    x = op("Relu",
           {op("ConvTranspose",
               {x, tensor(up + ".weight"), tensor(up + ".bias")},
               {{"strides", std::vector<std::int64_t>{2, 2}}})});
    const Value logits = convolution("roi_heads.mask_predictor.mask_fcn_logits", x);
    const Value own = op("GatherND",
                         {logits, op("Unsqueeze", {found.classes, c({1})})},
                         {{"batch_dims", std::int64_t{1}}});
    return op("Sigmoid", {own});
  }

  const NamedTensors& weights_;
  const MaskRcnnConfig& config_;
  const std::int64_t size_;
  OnnxGraph graph_;
  std::vector<Value> features_;
  std::vector<Extent> grids_;
};

std::string text_of(const std::vector<double>& numbers) { return nlohmann::json(numbers).dump(); }

}  // namespace

std::string onnx_of(const Model& model, int size_px) {
  require(size_px > 0 && size_px % 32 == 0,
          [&] { return "size must be a multiple of 32, not " + std::to_string(size_px); });
  const at::NoGradGuard no_grad;
  const ModelInfo& info = model.info;
  return Writer(model, size_px)
      .write()
      .model(info.name,
             {{"bands", nlohmann::json(info.bands).dump()},
              {"classes", nlohmann::json(info.classes).dump()},
              {"mean", text_of(info.normalisation.mean)},
              {"sd", text_of(info.normalisation.sd)},
              {"crown_px_median", nlohmann::json(info.crown_px_median).dump()},
              {"score_threshold", nlohmann::json(info.score_threshold).dump()},
              {"model_id", info.model_id}});
}

}  // namespace canopy
