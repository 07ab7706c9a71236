// SPDX-License-Identifier: Apache-2.0
#include "nn/mask_rcnn.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "base/threads.h"
#include "nn/boxes.h"

namespace canopy {
namespace {

struct Picture {
  at::Tensor planes;
  Targets targets;
};

/// Bright discs on a dark, noisy ground; a disc hides those drawn before it.
Picture draw_discs(int size, int count, double least, double most, std::uint64_t seed) {
  Random random(seed);
  at::Tensor planes = at::empty({5, size, size}), map = at::zeros({size, size}, at::kInt);
  for (std::int64_t i = 0; i < planes.numel(); ++i)
    planes.mutable_data_ptr<float>()[i] = static_cast<float>(random.normal(-0.5, 0.1));
  auto pixels = planes.accessor<float, 3>();
  auto ids = map.accessor<std::int32_t, 2>();
  for (int k = 1; k <= count; ++k) {
    const double r = random.uniform(least, most), cx = random.uniform(r, size - r),
                 cy = random.uniform(r, size - r);
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size; ++x) {
        const double distance = std::hypot(x + 0.5 - cx, y + 0.5 - cy);
        if (distance >= r) continue;
        ids[y][x] = k;
        for (int band = 0; band < 5; ++band)
          pixels[band][y][x] = static_cast<float>(1 - 0.8 * distance / r);
      }
  }
  std::vector<float> boxes;
  std::vector<std::int64_t> numbers;
  for (int k = 1; k <= count; ++k) {
    const at::Tensor where = at::nonzero(map.eq(k));
    if (where.size(0) == 0) continue;
    const at::Tensor low = std::get<0>(where.min(0)), high = std::get<0>(where.max(0)) + 1;
    for (const at::Tensor& corner : {low[1], low[0], high[1], high[0]})
      boxes.push_back(corner.item<float>());
    numbers.push_back(k);
  }
  const auto n = static_cast<std::int64_t>(numbers.size());
  return {planes,
          {true,
           at::tensor(boxes, at::kFloat).view({n, 4}),
           at::ones({n}, at::kLong),
           at::tensor(numbers, at::kLong),
           map,
           {}}};
}

Targets nothing() {
  return {true,
          at::zeros({0, 4}),
          at::zeros({0}, at::kLong),
          at::zeros({0}, at::kLong),
          at::zeros({64, 64}, at::kInt),
          {}};
}

MaskRcnnConfig small_config() {
  MaskRcnnConfig config;
  config.fpn_channels = 32, config.box_head_channels = 64, config.mask_head_channels = 32,
  config.mask_head_layers = 1;
  config.proposals_before_nms = 200, config.proposals_after_nms = 100, config.rois_per_image = 48;
  return config;
}

std::vector<double> values(const Losses& l) {
  std::vector<double> all;
  for (const at::Tensor& loss : {l.objectness, l.rpn_box, l.classifier, l.box, l.mask})
    all.push_back(loss.item<double>());
  return all;
}

/// Adam without bias towards any module of ours.
class Adam {
 public:
  explicit Adam(const MaskRcnn& network, double rate) : network_(network), rate_(rate) {}
  void step() {
    at::NoGradGuard no_grad;
    ++steps_;
    for (const std::string& name : network_.trainable()) {
      at::Tensor weight = network_.weights().at(name);
      const at::Tensor grad = weight.grad();
      if (!grad.defined()) continue;
      at::Tensor &mean = mean_[name], &square = square_[name];
      if (!mean.defined()) mean = at::zeros_like(weight), square = at::zeros_like(weight);
      mean.mul_(0.9).add_(grad, 0.1);
      square.mul_(0.99).addcmul_(grad, grad, 0.01);
      const at::Tensor scale = (square / (1 - std::pow(0.99, steps_))).sqrt_().add_(1e-8);
      weight.addcdiv_(mean / (1 - std::pow(0.9, steps_)), scale, -rate_);
      weight.mutable_grad().reset();
    }
  }

 private:
  const MaskRcnn& network_;
  double rate_;
  int steps_ = 0;
  NamedTensors mean_, square_;
};

TEST(MaskRcnn, learns_two_pictures_by_heart_and_finds_their_discs) {
  const Picture a = draw_discs(128, 5, 9, 16, 1), b = draw_discs(128, 6, 9, 16, 2);
  const at::Tensor planes = at::stack({a.planes, b.planes});
  const MaskRcnn network(small_config(), 3);
  Adam adam(network, 2e-3);
  double first = 0, last = 0;
  for (int step = 0; step < 80; ++step) {
    const at::Tensor loss = network.losses(planes, {a.targets, b.targets}, step).total();
    if (step == 0) first = loss.item<double>();
    last = loss.item<double>();
    ASSERT_TRUE(std::isfinite(last));
    loss.backward();
    adam.step();
  }
  EXPECT_LT(last, first / 3);
  const std::vector<Instances> found = network.detect(planes);
  int hits = 0, wanted = 0;
  for (const auto& [instances, picture] : {std::pair(found[0], a), std::pair(found[1], b)}) {
    const at::Tensor sure =
        instances.boxes.index_select(0, at::nonzero(instances.scores.gt(0.5)).view(-1));
    const at::Tensor best = sure.size(0) > 0
                                ? std::get<0>(box_iou(picture.targets.boxes, sure).max(1))
                                : at::zeros({1});
    hits += static_cast<int>(best.gt(0.5).sum().item<std::int64_t>());
    wanted += static_cast<int>(picture.targets.boxes.size(0));
    EXPECT_EQ(instances.masks.sizes(), at::IntArrayRef({instances.boxes.size(0), 28, 28}));
  }
  EXPECT_GE(hits, wanted - 1);
}

TEST(MaskRcnn, the_same_seed_gives_the_same_bits) {
  const Picture a = draw_discs(64, 3, 6, 12, 1), b = draw_discs(64, 3, 6, 12, 2);
  const at::Tensor planes = at::stack({a.planes, b.planes});
  MaskRcnnConfig config = small_config();
  config.rois_per_image = 8;
  std::vector<at::Tensor> grads;
  std::vector<std::vector<double>> losses;
  for (int run = 0; run < 2; ++run) {
    const MaskRcnn network(config, 3);
    const Losses l = network.losses(planes, {a.targets, b.targets}, 11);
    losses.push_back(values(l));
    l.total().backward();
    grads.push_back(network.weights().at("backbone.body._blocks.4._expand_conv.weight").grad());
    losses.push_back(values(network.losses(planes, {a.targets, b.targets}, 12)));
  }
  EXPECT_EQ(losses[0], losses[2]);
  EXPECT_NE(losses[0], losses[1]) << "another sampling seed samples others";
  EXPECT_TRUE(at::equal(grads[0], grads[1]));
}

TEST(MaskRcnn, pictures_without_trees_and_without_masks_train_with_the_others) {
  const Picture a = draw_discs(64, 3, 6, 12, 1);
  Targets boxes_only = a.targets;
  boxes_only.has_masks = false;
  boxes_only.id_map = boxes_only.object_ids = at::Tensor();
  Targets unlabelled = nothing();
  unlabelled.ignore = at::ones({64, 64}, at::kBool);
  const MaskRcnn network(small_config(), 3);
  const std::vector<Targets> all = {a.targets, boxes_only, nothing(), unlabelled};
  const Losses mixed = network.losses(at::stack({a.planes, a.planes, a.planes, a.planes}), all, 1);
  EXPECT_GT(mixed.mask.item<double>(), 0);
  mixed.total().backward();
  for (const Targets& one : {boxes_only, nothing(), unlabelled}) {
    const Losses alone = network.losses(a.planes.unsqueeze(0), {one}, 1);
    EXPECT_EQ(alone.mask.item<double>(), 0);
    for (double value : values(alone)) EXPECT_TRUE(std::isfinite(value));
    for (const at::Tensor& loss :
         {alone.objectness, alone.rpn_box, alone.classifier, alone.box, alone.mask})
      loss.backward({}, true);
  }
}

TEST(MaskRcnn, a_picture_s_own_losses_are_those_that_it_has_alone) {
  const Picture a = draw_discs(64, 3, 6, 12, 1), b = draw_discs(64, 2, 6, 12, 2);
  Targets boxes_only = b.targets;
  boxes_only.has_masks = false;
  const MaskRcnn network(small_config(), 3);
  const Losses both = network.losses(at::stack({a.planes, b.planes}), {a.targets, boxes_only}, 7);
  const Losses alone = network.losses(a.planes.unsqueeze(0), {a.targets}, 7);
  ASSERT_EQ(both.by_picture.sizes(), at::IntArrayRef({2, 5}));
  EXPECT_FALSE(both.by_picture.requires_grad());
  const std::vector<double> own = values(alone);
  for (std::int64_t loss = 0; loss < 5; ++loss) {
    EXPECT_NEAR(alone.by_picture[0][loss].item<double>(), own[loss], 1e-5);
    EXPECT_NEAR(both.by_picture[0][loss].item<double>(), own[loss], 1e-4);
  }
  EXPECT_EQ(both.by_picture[1][4].item<double>(), 0) << "it has no masks";
  EXPECT_GT(both.by_picture[1][0].item<double>(), 0);
}

TEST(MaskRcnn, a_picture_of_places_teaches_what_is_a_tree_but_no_extent) {
  const Picture a = draw_discs(64, 3, 6, 12, 1);
  Targets places = a.targets;
  places.has_masks = places.has_extents = false;
  places.id_map = places.object_ids = at::Tensor();
  const MaskRcnn network(small_config(), 3);
  const Losses alone = network.losses(a.planes.unsqueeze(0), {places}, 1);
  EXPECT_GT(alone.objectness.item<double>(), 0);
  EXPECT_GT(alone.classifier.item<double>(), 0);
  for (const at::Tensor& loss : {alone.rpn_box, alone.box, alone.mask})
    EXPECT_EQ(loss.item<double>(), 0);
  for (const at::Tensor& loss : {alone.rpn_box, alone.box, alone.mask, alone.objectness})
    loss.backward({}, true);
  const Losses beside = network.losses(at::stack({a.planes, a.planes}), {a.targets, places}, 1);
  EXPECT_GT(beside.rpn_box.item<double>(), 0) << "the other picture's";
  EXPECT_GT(beside.box.item<double>(), 0);
  beside.total().backward();
}

TEST(MaskRcnn, the_mask_loss_is_that_of_the_pictures_with_masks) {
  const Picture a = draw_discs(64, 3, 6, 12, 1);
  Targets boxes_only = a.targets;
  boxes_only.has_masks = false;
  const MaskRcnn network(small_config(), 3);
  const double alone = network.losses(a.planes.unsqueeze(0), {a.targets}, 1).mask.item<double>();
  const double beside = network.losses(at::stack({a.planes, a.planes}), {a.targets, boxes_only}, 1)
                            .mask.item<double>();
  EXPECT_NEAR(alone, beside, 1e-4 * alone);
}

TEST(MaskRcnn, what_is_ignored_changes_no_loss) {
  const Picture a = draw_discs(64, 2, 8, 12, 1);
  const MaskRcnn network(small_config(), 3);
  Targets free = nothing(), ignoring = nothing();
  ignoring.ignore = at::ones({64, 64}, at::kBool);
  EXPECT_GT(network.losses(a.planes.unsqueeze(0), {free}, 1).objectness.item<double>(), 0);
  const Losses losses = network.losses(a.planes.unsqueeze(0), {ignoring}, 1);
  for (double value : values(losses)) EXPECT_EQ(value, 0);
  losses.total().backward();
}

TEST(MaskRcnn, six_hundred_trees_train_and_predict_within_bounded_memory) {
  Picture crowd = draw_discs(256, 600, 3, 6, 1);
  ASSERT_GT(crowd.targets.boxes.size(0), 400);
  const MaskRcnn network(small_config(), 3);
  [[maybe_unused]] const std::int64_t before = peak_resident_bytes();
  network.losses(crowd.planes.unsqueeze(0), {crowd.targets}, 1).total().backward();
  EXPECT_LE(network.detect(crowd.planes.unsqueeze(0))[0].boxes.size(0),
            network.config().max_detections);
#ifndef __SANITIZE_ADDRESS__  // whose shadow and quarantine are memory too
  EXPECT_LT(peak_resident_bytes() - before, 400'000'000);
#endif
}

TEST(MaskRcnn, planes_of_no_number_give_no_detections) {
  const MaskRcnn network(small_config(), 3);
  EXPECT_EQ(network.detect(at::full({1, 5, 64, 64}, NAN))[0].boxes.size(0), 0);
}

TEST(MaskRcnn, wrong_planes_and_targets_are_refused) {
  const MaskRcnn network(small_config(), 3);
  const Picture a = draw_discs(64, 2, 8, 12, 1);
  const at::Tensor planes = a.planes.unsqueeze(0);
  EXPECT_THROW(network.detect(planes.to(at::kByte)), Error);
  EXPECT_THROW(network.detect(planes.slice(1, 0, 3)), Error);
  EXPECT_THROW(network.detect(planes.slice(2, 0, 40)), Error);
  EXPECT_THROW(network.losses(planes, {}, 0), Error);
  const auto refused = [&](auto change) {
    Targets targets = a.targets;
    change(targets);
    EXPECT_THROW(network.losses(planes, {targets}, 0), Error);
  };
  refused([](Targets& t) { t.boxes = t.boxes.to(at::kDouble); });
  refused([](Targets& t) { t.boxes = t.boxes.clone().fill_(4); });
  refused([](Targets& t) { t.classes = t.classes * 3; });
  refused([](Targets& t) { t.classes = t.classes.slice(0, 0, 1); });
  refused([](Targets& t) { t.id_map = t.id_map.to(at::kLong); });
  refused([](Targets& t) { t.object_ids = t.object_ids.slice(0, 0, 1); });
  refused([](Targets& t) { t.ignore = at::zeros({3, 3}, at::kBool); });
}

TEST(MaskRcnn, wrong_configurations_are_refused) {
  const auto refused = [](auto change) {
    MaskRcnnConfig config;
    config.validate();
    change(config);
    EXPECT_THROW(config.validate(), Error);
  };
  refused([](MaskRcnnConfig& c) { c.backbone = "vgg"; });
  refused([](MaskRcnnConfig& c) { c.bands = 4; });
  refused([](MaskRcnnConfig& c) { c.classes = 1; });
  refused([](MaskRcnnConfig& c) { c.fpn_channels = -1; });
  refused([](MaskRcnnConfig& c) { c.mask_head_layers = -1; });
  refused([](MaskRcnnConfig& c) { c.anchor_sizes = {16}; });
  refused([](MaskRcnnConfig& c) { c.anchor_ratios = {-1}; });
  refused([](MaskRcnnConfig& c) { c.rpn_nms = 2; });
}

TEST(MaskRcnn, weights_that_do_not_fit_are_named) {
  const MaskRcnn network(small_config(), 3);
  const auto refusal = [&](auto change) {
    NamedTensors weights = network.weights();
    change(weights);
    try {
      MaskRcnn other(small_config(), weights);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal([](NamedTensors&) {}), "");
  EXPECT_NE(refusal([](NamedTensors& w) {
              w.erase("rpn.head.cls_logits.bias");
            }).find("'rpn.head.cls_logits.bias' is missing"),
            std::string::npos);
  EXPECT_NE(
      refusal([](NamedTensors& w) { w["extra"] = at::zeros({1}); }).find("'extra' is unknown"),
      std::string::npos);
  EXPECT_NE(
      refusal([](NamedTensors& w) { w["rpn.head.cls_logits.bias"] = at::zeros({2}); }).find("[3]"),
      std::string::npos);
  EXPECT_NE(refusal([](NamedTensors& w) {
              w["rpn.head.cls_logits.bias"] = at::zeros({3}, at::kDouble);
            }).find("not float32"),
            std::string::npos);
}

TEST(MaskRcnn, buffers_are_not_trained) {
  const MaskRcnn network(small_config(), 3);
  const std::vector<std::string> names = network.trainable();
  EXPECT_LT(names.size(), network.weights().size());
  for (const auto& [name, tensor] : network.weights())
    EXPECT_EQ(tensor.requires_grad(), std::find(names.begin(), names.end(), name) != names.end())
        << name;
}

}  // namespace
}  // namespace canopy
