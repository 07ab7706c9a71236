// SPDX-License-Identifier: Apache-2.0
// Whole networks beside torchvision's, on the values in testdata/ (see its README.md).
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/backbone.h"
#include "nn/device.h"
#include "nn/fpn.h"
#include "nn/id_map_targets.h"
#include "nn/layer_style.h"
#include "nn/mask_rcnn.h"
#include "nn/paste.h"
#include "nn/roi_heads.h"
#include "nn/rpn.h"
#include "nn/safetensors.h"

namespace canopy {
namespace {

const at::Tensor& given(const std::string& name) {
  static const Safetensors content =
      load_safetensors(CANOPY_NN_TESTDATA "/network_parity.safetensors");
  return content.tensors.at(name);
}

MaskRcnnConfig narrow(const std::string& backbone) {
  MaskRcnnConfig config;
  config.backbone = backbone;
  config.backbone_width = 4;
  config.fpn_channels = config.mask_head_channels = 8;
  config.box_head_channels = 24;
  config.anchor_sizes = {16, 24, 32, 64, 96};
  config.detect_proposals_before_nms = 100;
  config.detect_proposals_after_nms = 40;
  config.max_detections = 12;
  return config;
}

/// A network of torchvision's weights and the two pictures it was run on, on each device at hand
/// by the operators that other devices are left with, and with layers as one writes them first.
class NetworkParity : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  void SetUp() override {
    if (std::get<1>(GetParam()) == "cuda" && cuda_devices() == 0)
      GTEST_SKIP() << "no GPU at hand: not checked on one";
    if (std::get<1>(GetParam()) == "operators") without_.emplace();
    if (std::get<1>(GetParam()) == "plain") {
      without_.emplace();
      style_.emplace(LayerStyle{.channels_last = false, .folded_norms = false});
    }
  }
  std::string backbone() const { return std::get<0>(GetParam()); }
  at::Device device() const {
    return device_of(std::get<1>(GetParam()) == "cuda" ? "cuda" : "cpu");
  }
  at::Tensor of(const std::string& name) const { return given(backbone() + "/" + name); }

  NamedTensors state() const {
    NamedTensors weights;
    const MaskRcnn shapes(narrow(backbone()));
    for (const auto& [name, tensor] : shapes.weights()) weights[name] = of("state/" + name).clone();
    return weights;
  }

  Targets targets(int picture) const {
    const std::string n = std::to_string(picture);
    const at::Tensor boxes = of("boxes_" + n);
    return {true,
            boxes,
            of("labels_" + n),
            at::arange(1, boxes.size(0) + 1, at::kLong),
            of("ids_" + n).to(at::kInt),
            {}};
  }

  std::optional<WithoutKernels> without_;
  std::optional<WithLayerStyle> style_;
  const at::Tensor planes = given("planes").to(at::kFloat);
  const Extent image = {128, 128};
};

void expect_close(const at::Tensor& found,
                  const at::Tensor& wanted,
                  double relative,
                  double absolute) {
  const at::Tensor got = found.cpu();
  ASSERT_EQ(got.sizes(), wanted.sizes());
  EXPECT_TRUE(at::allclose(got, wanted, relative, absolute))
      << "differs by up to " << (got - wanted).abs().max().item<double>();
}

TEST_P(NetworkParity, losses_and_gradients_of_every_part_are_the_same) {
  const MaskRcnn network = MaskRcnn(narrow(backbone()), state()).on(device());
  const NamedTensors& weights = network.weights();
  std::vector<at::Tensor> features =
      feature_pyramid(weights, backbone_features(backbone(), weights, planes.to(device())));
  features.push_back(at::max_pool2d(features.back(), 1, 2));
  RpnSettings rpn{.anchor_sizes = network.config().anchor_sizes,
                  .anchor_ratios = network.config().anchor_ratios};
  rpn.before_nms = 200, rpn.after_nms = 60;
  RoiSettings roi;
  rpn.samples = roi.samples = 1'000'000;  // every candidate, so that nothing is random
  const RpnMap map = rpn_map(weights, features, rpn, image);
  std::vector<at::Tensor> proposals;
  for (const Proposals& p : propose(map, rpn, {image, image})) proposals.push_back(p.boxes);
  const std::vector<Targets> both = {targets(0), targets(1)};
  const RpnLosses first = rpn_losses(weights, features, map.anchors, both, rpn, 1);
  const RoiLosses second = roi_losses(weights, features, proposals, both, roi, image, 1);
  expect_close(first.objectness, of("loss_objectness"), 1e-4, 1e-7);
  expect_close(first.box, of("loss_rpn_box_reg"), 1e-4, 1e-7);
  expect_close(second.classifier, of("loss_classifier"), 1e-4, 1e-7);
  expect_close(second.box, of("loss_box_reg"), 1e-4, 1e-7);
  expect_close(second.mask, of("loss_mask"), 1e-4, 1e-7);
  (first.objectness + first.box + second.classifier + second.box + second.mask).backward();
  int compared = 0;
  for (const auto& [name, tensor] : weights) {
    if (name.find("running_") != std::string::npos || name.find(".bn") != std::string::npos ||
        name.find("downsample.1") != std::string::npos)
      continue;  // torchvision's frozen batch norm has no gradients
    try {
      const at::Tensor wanted = of("grad/" + name);
      const double most = wanted.abs().max().item<double>();
      ASSERT_TRUE(tensor.grad().defined()) << name;
      EXPECT_LE((tensor.grad().cpu() - wanted).abs().max().item<double>(), 1e-4 * most) << name;
      ++compared;
    } catch (const std::out_of_range&) {
      continue;  // kept for some tensors of each part, not for all
    }
  }
  EXPECT_GE(compared, 11);
}

TEST_P(NetworkParity, detections_are_the_same) {
  const MaskRcnn network = MaskRcnn(narrow(backbone()), state()).on(device());
  const std::vector<Instances> found = network.detect(planes);
  for (int n = 0; n < 2; ++n) {
    const std::string number = std::to_string(n);
    ASSERT_EQ(found[n].boxes.size(0), 12);
    expect_close(found[n].boxes, of("found_boxes_" + number), 1e-4, 1e-3);
    expect_close(found[n].scores, of("found_scores_" + number), 1e-4, 1e-5);
    EXPECT_TRUE(at::equal(found[n].classes, of("found_labels_" + number)));
    const at::Tensor pixels =
        paste_masks(found[n].masks, found[n].boxes, 128, 128).ge(0.5).sum({1, 2});
    EXPECT_LE((pixels - of("found_pixels_" + number)).abs().max().item<std::int64_t>(), 2);
  }
}

INSTANTIATE_TEST_SUITE_P(Backbones,
                         NetworkParity,
                         testing::Combine(testing::Values("r18", "r50"),
                                          testing::Values("cpu", "operators", "plain", "cuda")));

}  // namespace
}  // namespace canopy
