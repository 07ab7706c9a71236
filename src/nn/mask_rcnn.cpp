// SPDX-License-Identifier: Apache-2.0
#include "nn/mask_rcnn.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/error.h"
#include "nn/backbone.h"
#include "nn/box_head.h"
#include "nn/efficientnet_lite.h"
#include "nn/fpn.h"
#include "nn/layer_style.h"
#include "nn/mask_head.h"
#include "nn/roi_heads.h"
#include "nn/rpn.h"

namespace canopy {
namespace {

constexpr std::int64_t kCoarsestStride = 32;

WeightSpecs specs_of(const MaskRcnnConfig& config) {
  WeightSpecs specs = backbone_specs(config.backbone, config.bands, config.backbone_width);
  append(specs,
         fpn_specs(backbone_channels(config.backbone, config.backbone_width), config.fpn_channels));
  append(specs, rpn_specs(config.fpn_channels, static_cast<int>(config.anchor_ratios.size())));
  append(specs, box_head_specs(config.fpn_channels, config.box_head_channels, config.classes));
  append(
      specs,
      mask_head_specs(
          config.fpn_channels, config.mask_head_channels, config.mask_head_layers, config.classes));
  return specs;
}

enum class Use { Train, Detect };

RpnSettings rpn_settings(const MaskRcnnConfig& config, Use use) {
  RpnSettings settings;
  settings.anchor_sizes = config.anchor_sizes;
  settings.anchor_ratios = config.anchor_ratios;
  const bool train = use == Use::Train;
  settings.before_nms = train ? config.proposals_before_nms : config.detect_proposals_before_nms;
  settings.after_nms = train ? config.proposals_after_nms : config.detect_proposals_after_nms;
  settings.nms_iou = config.rpn_nms;
  return settings;
}

RoiSettings roi_settings(const MaskRcnnConfig& config) {
  RoiSettings settings;
  settings.samples = config.rois_per_image;
  settings.score_threshold = config.score_threshold;
  settings.nms_iou = config.detection_nms;
  settings.max_detections = config.max_detections;
  return settings;
}

void check_planes(const at::Tensor& planes, const MaskRcnnConfig& config) {
  require(planes.dim() == 4 && planes.scalar_type() == at::kFloat,
          "planes must be float32 [N, C, H, W]");
  require(planes.size(1) == config.bands, [&] {
    return "planes have " + std::to_string(planes.size(1)) + " bands; the model takes " +
           std::to_string(config.bands);
  });
  require(planes.size(0) > 0 && planes.size(2) > 0 && planes.size(3) > 0 &&
              planes.size(2) % kCoarsestStride == 0 && planes.size(3) % kCoarsestStride == 0,
          [&] {
            return "planes of " + std::to_string(planes.size(2)) + " x " +
                   std::to_string(planes.size(3)) +
                   " pixels; height and width must be multiples of " +
                   std::to_string(kCoarsestStride);
          });
}

void check_target(const Targets& target,
                  std::size_t picture,
                  const at::Tensor& planes,
                  const MaskRcnnConfig& config) {
  const std::string name = "targets of picture " + std::to_string(picture) + ": ";
  const std::int64_t count = target.boxes.defined() ? target.boxes.size(0) : -1;
  require(count >= 0 && target.boxes.dim() == 2 && target.boxes.size(1) == 4 &&
              target.boxes.scalar_type() == at::kFloat,
          name + "boxes must be float32 [N, 4]");
  require(target.classes.defined() && target.classes.numel() == count &&
              target.classes.scalar_type() == at::kLong,
          name + "classes must be int64 [N], one for each box");
  if (count > 0) {
    const at::Tensor size = target.boxes.slice(1, 2, 4) - target.boxes.slice(1, 0, 2);
    require(size.gt(0).all().item<bool>(), name + "a box is empty; leave out objects without area");
    require(target.classes.min().item<std::int64_t>() >= 1 &&
                target.classes.max().item<std::int64_t>() < config.classes,
            name + "classes must lie in 1 to " + std::to_string(config.classes - 1));
  }
  const at::IntArrayRef extent = planes.sizes().slice(2);
  if (target.has_masks) {
    require(target.id_map.defined() && target.id_map.scalar_type() == at::kInt &&
                target.id_map.sizes() == extent,
            name + "the id map must be int32 of the planes' height and width");
    require(target.object_ids.defined() && target.object_ids.numel() == count &&
                target.object_ids.scalar_type() == at::kLong,
            name + "object ids must be int64 [N], one for each box");
  }
  if (target.ignore.defined())
    require(target.ignore.scalar_type() == at::kBool && target.ignore.sizes() == extent,
            name + "the ignore mask must be bool of the planes' height and width");
}

struct Stages {
  std::vector<at::Tensor> features;
  RpnMap map;
  std::vector<at::Tensor> proposals;
};

Stages first_stages(const NamedTensors& weights,
                    const MaskRcnnConfig& config,
                    const at::Tensor& planes,
                    Use use) {
  const Extent image = {planes.size(2), planes.size(3)};
  Stages stages;
  const auto layout =
      layer_style().channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  stages.features = feature_pyramid(
      weights, backbone_features(config.backbone, weights, planes.contiguous(layout)));
  if (config.anchor_sizes.size() > stages.features.size())  // torchvision's level "pool"
    stages.features.push_back(at::max_pool2d(stages.features.back(), 1, 2));
  const RpnSettings settings = rpn_settings(config, use);
  stages.map = rpn_map(weights, stages.features, settings, image);
  for (Proposals& p : propose(stages.map, settings, std::vector<Extent>(planes.size(0), image)))
    stages.proposals.push_back(std::move(p.boxes));
  return stages;
}

}  // namespace

MaskRcnn::MaskRcnn(MaskRcnnConfig config, std::uint64_t seed)
    : MaskRcnn(config, start_weights(specs_of(config.resolved()), seed)) {}

MaskRcnn::MaskRcnn(MaskRcnnConfig config, NamedTensors weights)
    : config_(config.resolved()), weights_(std::move(weights)) {
  check_weights(specs_of(config_), weights_, "model weights");
  for (const std::string& name : trainable()) weights_.at(name).requires_grad_(true);
}

std::vector<std::string> MaskRcnn::trainable() const {
  std::vector<std::string> names;
  for (const WeightSpec& spec : specs_of(config_))
    if (spec.trainable) names.push_back(spec.name);
  return names;
}

void MaskRcnn::load_imagenet(const std::filesystem::path& safetensors) {
  require(config_.backbone == "lite",
          "ImageNet weights are here for the backbone lite alone; start '" + config_.backbone +
              "' from an imported model or at random");
  load_efficientnet_lite(safetensors, weights_);
}

MaskRcnn MaskRcnn::on(at::Device device) const {
  NamedTensors moved;
  for (const auto& [name, weight] : weights_)
    moved[name] = weight.device() == device ? weight : weight.detach().to(device);
  return {config_, std::move(moved)};
}

at::Device MaskRcnn::device() const { return weights_.begin()->second.device(); }

Losses MaskRcnn::losses(const at::Tensor& planes,
                        const std::vector<Targets>& targets,
                        std::uint64_t sampling_seed) const {
  check_planes(planes, config_);
  require(static_cast<std::int64_t>(targets.size()) == planes.size(0),
          "there must be one Targets for each picture");
  for (std::size_t n = 0; n < targets.size(); ++n) check_target(targets[n], n, planes, config_);
  const Stages stages = first_stages(weights_, config_, planes.to(device()), Use::Train);
  const RpnLosses rpn = rpn_losses(weights_,
                                   stages.features,
                                   stages.map.anchors,
                                   targets,
                                   rpn_settings(config_, Use::Train),
                                   sampling_seed);
  const RoiLosses roi = roi_losses(weights_,
                                   stages.features,
                                   stages.proposals,
                                   targets,
                                   roi_settings(config_),
                                   {planes.size(2), planes.size(3)},
                                   sampling_seed);
  return {rpn.objectness,
          rpn.box,
          roi.classifier,
          roi.box,
          roi.mask,
          at::cat({rpn.by_picture, roi.by_picture}, 1)};
}

std::vector<Instances> MaskRcnn::detect(const at::Tensor& planes) const {
  at::NoGradGuard no_grad;
  check_planes(planes, config_);
  const Stages stages = first_stages(weights_, config_, planes.to(device()), Use::Detect);
  std::vector<Instances> found = roi_detections(weights_,
                                                stages.features,
                                                stages.proposals,
                                                roi_settings(config_),
                                                {planes.size(2), planes.size(3)});
  for (Instances& one : found)
    one = {one.boxes.cpu(), one.scores.cpu(), one.classes.cpu(), one.masks.cpu()};
  return found;
}

}  // namespace canopy
