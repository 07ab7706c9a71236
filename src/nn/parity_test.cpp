// SPDX-License-Identifier: Apache-2.0
// Our functions beside torchvision's, on the values in testdata/ (see its README.md).
#include <gtest/gtest.h>

#include "nn/anchors.h"
#include "nn/box_head.h"
#include "nn/boxes.h"
#include "nn/device.h"
#include "nn/gathered_pooling.h"
#include "nn/id_map_targets.h"
#include "nn/mask_head.h"
#include "nn/matching.h"
#include "nn/nms.h"
#include "nn/paste.h"
#include "nn/roi_align.h"
#include "nn/roi_heads.h"
#include "nn/rpn.h"
#include "nn/safetensors.h"

namespace canopy {
namespace {

const Safetensors& fixture() {
  static const Safetensors content = load_safetensors(CANOPY_NN_TESTDATA "/parity.safetensors");
  return content;
}

at::Tensor given(const std::string& name) { return fixture().tensors.at(name); }

/// The same numbers on every device at hand, and by the operators that other devices are left with.
class ParityOn : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "cuda" && cuda_devices() == 0)
      GTEST_SKIP() << "no GPU at hand: not checked on one";
    if (std::string(GetParam()) == "operators") without_.emplace();
  }
  static at::Device device() {
    return device_of(GetParam() == std::string("cuda") ? "cuda" : "cpu");
  }
  static at::Tensor given_there(const std::string& name) { return given(name).to(device()); }

 private:
  std::optional<WithoutKernels> without_;
};

INSTANTIATE_TEST_SUITE_P(Device,
                         ParityOn,
                         testing::Values("cpu", "operators", "cuda"),
                         [](const auto& one) { return std::string(one.param); });

testing::AssertionResult same(const at::Tensor& got, const at::Tensor& wanted) {
  if (got.sizes() != wanted.sizes())
    return testing::AssertionFailure() << "shape " << got.sizes() << ", not " << wanted.sizes();
  if (!at::equal(got, wanted)) return testing::AssertionFailure() << got << "\nis not\n" << wanted;
  return testing::AssertionSuccess();
}

testing::AssertionResult close(const at::Tensor& got,
                               const at::Tensor& wanted,
                               double relative = 1e-5,
                               double absolute = 1e-5) {
  if (got.sizes() != wanted.sizes())
    return testing::AssertionFailure() << "shape " << got.sizes() << ", not " << wanted.sizes();
  if (at::allclose(got, wanted, relative, absolute)) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "differs by up to " << (got - wanted).abs().max().item<double>();
}

/// The largest error against the largest entry.
testing::AssertionResult close_gradient(const at::Tensor& got, const at::Tensor& wanted) {
  if (!got.defined()) return testing::AssertionFailure() << "no gradient";
  const double most = wanted.abs().max().item<double>();
  const double error = (got - wanted).abs().max().item<double>();
  if (got.sizes() == wanted.sizes() && error <= 1e-4 * most) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "differs by up to " << error << " of " << most;
}

TEST_P(ParityOn, suppression_keeps_the_same_boxes_in_the_same_order) {
  for (const std::string name : {"random", "low", "high", "ties", "edges", "empty"}) {
    const std::string c = "nms/" + name + "/";
    const at::Tensor boxes = given_there(c + "boxes"), scores = given_there(c + "scores");
    const double iou = given(c + "iou").item<double>();
    EXPECT_TRUE(same(nms(boxes, scores, iou).cpu(), given(c + "keep"))) << name;
    EXPECT_TRUE(same(nms_by_matrix(boxes, scores, iou).cpu(), given(c + "keep"))) << name;
  }
}

TEST_P(ParityOn, suppression_by_class_keeps_the_same_boxes_in_the_same_order) {
  for (const std::string name : {"random", "ties", "negative", "many", "empty"}) {
    const std::string c = "batched_nms/" + name + "/";
    const at::Tensor boxes = given_there(c + "boxes"), scores = given_there(c + "scores"),
                     classes = given_there(c + "classes");
    EXPECT_TRUE(same(batched_nms(boxes, scores, classes, 0.5).cpu(), given(c + "keep"))) << name;
  }
  const std::string c = "batched_nms/many/";  // which torchvision treats class by class
  EXPECT_TRUE(
      same(nms_by_matrix(
               given_there(c + "boxes"), given_there(c + "scores"), 0.5, given_there(c + "classes"))
               .cpu(),
           given(c + "keep")));
}

TEST(Parity, roi_align_and_its_gradient) {
  for (const RoiAlignSettings s :
       {RoiAlignSettings{7, 2, false}, {7, 0, false}, {14, 2, false}, {7, 2, true}, {7, 0, true}}) {
    const std::string c = "roi_align/" + std::to_string(s.bins) + "_" + std::to_string(s.samples) +
                          "_" + (s.aligned ? "1/" : "0/");
    const at::Tensor features = given(c + "features").clone().requires_grad_(true);
    const at::Tensor pooled = roi_align(features, given(c + "rois"), 0.25, s);
    EXPECT_TRUE(close(pooled, given(c + "pooled"))) << c;
    pooled.backward(given(c + "upstream"));
    EXPECT_TRUE(close(features.grad(), given(c + "grad"))) << c;
  }
}

TEST_P(ParityOn, pooling_by_gathering_and_its_gradient) {
  for (const RoiAlignSettings s : {RoiAlignSettings{7, 2, false}, {14, 2, false}, {7, 2, true}}) {
    const std::string c = "roi_align/" + std::to_string(s.bins) + "_" + std::to_string(s.samples) +
                          "_" + (s.aligned ? "1/" : "0/");
    const at::Tensor features = given_there(c + "features").clone().requires_grad_(true);
    const at::Tensor rois = given_there(c + "rois");
    const at::Tensor pooled = gathered_pooling(
        {features}, rois, at::zeros({rois.size(0)}, rois.options().dtype(at::kLong)), {0.25}, s);
    EXPECT_TRUE(close(pooled.cpu(), given(c + "pooled"))) << c;
    pooled.backward(given_there(c + "upstream"));
    EXPECT_TRUE(close(features.grad().cpu(), given(c + "grad"))) << c;
  }
}

TEST_P(ParityOn, pooling_by_gathering_looks_at_each_region_s_own_level) {
  std::vector<at::Tensor> maps, rois;
  for (int k = 0; k < 4; ++k) maps.push_back(given_there("pyramid/map_" + std::to_string(k)));
  for (int n = 0; n < 2; ++n) {
    const at::Tensor boxes = given_there("pyramid/boxes_" + std::to_string(n));
    rois.push_back(at::cat({at::full({boxes.size(0), 1}, n, boxes.options()), boxes}, 1));
  }
  const at::Tensor pooled = gathered_pooling(maps,
                                             at::cat(rois),
                                             given_there("pyramid/levels"),
                                             {1.0 / 4, 1.0 / 8, 1.0 / 16, 1.0 / 32},
                                             {7, 2, false});
  EXPECT_TRUE(close(pooled.cpu(), given("pyramid/pooled")));
  const at::Tensor none = gathered_pooling(
      maps, rois[0].slice(0, 0, 0), given_there("pyramid/levels").slice(0, 0, 0), {1, 1, 1, 1}, {});
  EXPECT_EQ(none.sizes(), at::IntArrayRef({0, maps[0].size(1), 7, 7}));
}

TEST(Parity, pyramid_levels_and_pooling_over_them) {
  EXPECT_TRUE(same(pyramid_levels(given("level/boxes"), 4), given("level/levels")));
  std::vector<at::Tensor> maps, rois;
  for (int k = 0; k < 4; ++k) maps.push_back(given("pyramid/map_" + std::to_string(k)));
  for (int n = 0; n < 2; ++n) {
    const at::Tensor boxes = given("pyramid/boxes_" + std::to_string(n));
    rois.push_back(at::cat({at::full({boxes.size(0), 1}, n, at::kFloat), boxes}, 1));
  }
  const at::Tensor all = at::cat(rois);
  EXPECT_TRUE(same(pyramid_levels(all.slice(1, 1), 4, 112), given("pyramid/levels")));
  EXPECT_TRUE(
      close(roi_align_pyramid(maps, all, 256, {7, 2, false}, 112), given("pyramid/pooled")));
}

at::Tensor anchors_of(const std::vector<double>& sizes,
                      const std::vector<double>& ratios,
                      Extent image,
                      const std::vector<Extent>& grids) {
  std::vector<at::Tensor> levels;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    levels.push_back(level_anchors(cell_anchors({sizes[i]}, ratios), grids[i], image));
  return at::cat(levels);
}

TEST(Parity, anchors) {
  const at::Tensor four = anchors_of(
      {16, 32, 64, 128}, {0.7, 1.0, 1.4}, {128, 160}, {{32, 40}, {16, 20}, {8, 10}, {4, 5}});
  EXPECT_TRUE(same(four.slice(0, 0, four.size(0), 7), given("anchors/four/anchors")));
  const at::Tensor rounded =
      anchors_of({24.5, 33}, {0.7, 1.0, 1.9}, {100, 140}, {{25, 35}, {13, 18}});
  EXPECT_TRUE(same(rounded.slice(0, 0, rounded.size(0), 7), given("anchors/rounded/anchors")));
}

TEST(Parity, box_coding) {
  for (const auto& [name, weights] :
       {std::pair("coder/1/", kProposalWeights), std::pair("coder/10/", kDetectionWeights)}) {
    const std::string c = name;
    EXPECT_TRUE(close(encode_boxes(given(c + "targets"), given(c + "boxes"), weights),
                      given(c + "encoded"),
                      1e-5,
                      1e-5));
    EXPECT_TRUE(close(decode_boxes(given(c + "deltas"), given(c + "boxes"), weights).squeeze(1),
                      given(c + "decoded"),
                      1e-5,
                      1e-4));
  }
}

TEST(Parity, overlaps_and_matches) {
  const at::Tensor truth = given("matcher/truth"), candidates = given("matcher/candidates");
  EXPECT_TRUE(close(box_iou(truth, candidates), given("matcher/iou")));
  EXPECT_TRUE(same(at::tensor(match_boxes(truth, candidates, {0.7, 0.3, true}), at::kLong),
                   given("matcher/rpn")));
  EXPECT_TRUE(same(at::tensor(match_boxes(truth, candidates, {0.5, 0.5, false}), at::kLong),
                   given("matcher/roi")));
}

TEST_P(ParityOn, proposals) {
  for (const auto& [before, after, least] :
       {std::tuple(100, 40, 0.0), std::tuple(1000, 1000, 0.6)}) {
    const std::string c = "proposals/" + std::to_string(before) + "/";
    RpnSettings settings{.anchor_sizes = {16, 32, 64}, .anchor_ratios = {0.5, 1.0, 2.0}};
    settings.before_nms = before, settings.after_nms = after, settings.least_score = least;
    std::vector<at::Tensor> objectness, deltas;
    for (int k = 0; k < 3; ++k) {
      objectness.push_back(given_there(c + "objectness_" + std::to_string(k)));
      deltas.push_back(given_there(c + "deltas_" + std::to_string(k)));
    }
    const auto found = propose(
        rpn_map(objectness, deltas, settings, {128, 128}), settings, {{128, 128}, {120, 100}});
    for (int n = 0; n < 2; ++n) {
      EXPECT_TRUE(close(found[n].boxes.cpu(), given(c + "boxes_" + std::to_string(n)), 1e-5, 1e-4));
      EXPECT_TRUE(close(found[n].scores.cpu(), given(c + "scores_" + std::to_string(n))));
    }
  }
}

TEST(Parity, box_losses_and_their_gradients) {
  const at::Tensor logits = given("box_loss/logits").clone().requires_grad_(true),
                   deltas = given("box_loss/deltas").clone().requires_grad_(true);
  const BoxLosses losses = box_losses({logits, deltas},
                                      given("box_loss/labels"),
                                      given("box_loss/targets"),
                                      given("box_loss/labels").gt(0));
  EXPECT_TRUE(close(losses.classifier.mean(), given("box_loss/classifier")));
  EXPECT_TRUE(close(losses.box.mean(), given("box_loss/box")));
  (losses.classifier.mean() + losses.box.mean()).backward();
  EXPECT_TRUE(close(logits.grad(), given("box_loss/grad_logits")));
  EXPECT_TRUE(close(deltas.grad(), given("box_loss/grad_deltas")));
}

TEST(Parity, mask_targets_from_the_id_map_and_the_mask_loss) {
  const at::Tensor matched = given("mask_loss/matched");
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < matched.numel(); ++i)
    ids.push_back(matched[i].item<std::int64_t>() + 1);
  const at::Tensor targets = id_map_targets(given("mask_loss/ids"), given("mask_loss/boxes"), ids);
  EXPECT_TRUE(close(targets, given("mask_loss/targets")));
  const at::Tensor logits = given("mask_loss/logits").clone().requires_grad_(true);
  const at::Tensor loss = mask_losses(logits, targets).mean();
  EXPECT_TRUE(close(loss, given("mask_loss/loss")));
  loss.backward();
  EXPECT_TRUE(close(logits.grad(), given("mask_loss/grad"), 1e-5, 1e-8));
}

TEST(Parity, pasted_masks) {
  EXPECT_TRUE(close(paste_masks(given("paste/masks"), given("paste/boxes"), 96, 80),
                    given("paste/pasted")));
}

struct Heads {
  NamedTensors weights;
  std::vector<at::Tensor> features;
  std::vector<Targets> targets;
  RpnSettings rpn{.anchor_sizes = {16, 32, 64, 128}, .anchor_ratios = {0.7, 1.0, 1.4}};
  RoiSettings roi;
  Extent image = {128, 128};

  explicit Heads(at::Device device) {
    const std::string state = "heads/state/";
    for (const auto& [name, tensor] : fixture().tensors)
      if (name.starts_with(state))
        weights[name.substr(state.size())] = tensor.clone().to(device).requires_grad_(true);
    for (int k = 0; k < 4; ++k)
      features.push_back(
          given("heads/feature_" + std::to_string(k)).clone().to(device).requires_grad_(true));
    for (const std::string n : {"0", "1"}) {
      const at::Tensor boxes = given("heads/boxes_" + n);
      targets.push_back({true,
                         boxes,
                         given("heads/labels_" + n),
                         at::arange(1, boxes.size(0) + 1, at::kLong),
                         given("heads/ids_" + n),
                         {}});
    }
    rpn.samples = roi.samples = 1'000'000;
    roi.max_detections = 12;
  }
  void propose_before_and_after(int before, int after) {
    rpn.before_nms = before, rpn.after_nms = after;
  }
  std::vector<at::Tensor> proposals(const RpnMap& map) const {
    std::vector<at::Tensor> boxes;
    for (const Proposals& p : propose(map, rpn, {image, image})) boxes.push_back(p.boxes);
    return boxes;
  }
};

TEST_P(ParityOn, heads_give_the_same_losses_and_gradients) {
  Heads h(device());
  h.propose_before_and_after(200, 60);
  const RpnMap map = rpn_map(h.weights, h.features, h.rpn, h.image);
  const RpnLosses first = rpn_losses(h.weights, h.features, map.anchors, h.targets, h.rpn, 1);
  const RoiLosses second =
      roi_losses(h.weights, h.features, h.proposals(map), h.targets, h.roi, h.image, 1);
  EXPECT_TRUE(close(first.objectness.cpu(), given("heads/loss_objectness"), 1e-4, 1e-6));
  EXPECT_TRUE(close(first.box.cpu(), given("heads/loss_rpn_box_reg"), 1e-4, 1e-6));
  EXPECT_TRUE(close(second.classifier.cpu(), given("heads/loss_classifier"), 1e-4, 1e-6));
  EXPECT_TRUE(close(second.box.cpu(), given("heads/loss_box_reg"), 1e-4, 1e-6));
  EXPECT_TRUE(close(second.mask.cpu(), given("heads/loss_mask"), 1e-4, 1e-6));
  (first.objectness + first.box + second.classifier + second.box + second.mask).backward();
  for (const auto& [name, tensor] : h.weights)
    EXPECT_TRUE(close_gradient(tensor.grad().cpu(), given("heads/grad/" + name))) << name;
  for (int k = 0; k < 4; ++k)
    EXPECT_TRUE(close_gradient(h.features[k].grad().cpu(),
                               given("heads/grad_feature_" + std::to_string(k))))
        << k;
}

TEST_P(ParityOn, heads_give_the_same_detections) {
  Heads h(device());
  h.propose_before_and_after(100, 40);
  const std::vector<at::Tensor> proposals =
      h.proposals(rpn_map(h.weights, h.features, h.rpn, h.image));
  const std::vector<Instances> found =
      roi_detections(h.weights, h.features, proposals, h.roi, h.image);
  for (int n = 0; n < 2; ++n) {
    const std::string number = std::to_string(n);
    EXPECT_TRUE(close(proposals[n].cpu(), given("heads/proposals_" + number), 1e-4, 1e-4));
    EXPECT_TRUE(close(found[n].boxes.cpu(), given("heads/found_boxes_" + number), 1e-4, 1e-3));
    EXPECT_TRUE(close(found[n].scores.cpu(), given("heads/found_scores_" + number), 1e-4, 1e-5));
    EXPECT_TRUE(same(found[n].classes.cpu(), given("heads/found_labels_" + number)));
    EXPECT_TRUE(close(found[n].masks.cpu(), given("heads/found_masks_" + number), 1e-4, 1e-4));
  }
  EXPECT_GT(found[0].boxes.size(0), 0);
}

}  // namespace
}  // namespace canopy
