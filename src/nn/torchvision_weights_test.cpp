// SPDX-License-Identifier: Apache-2.0
#include "nn/torchvision_weights.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "nn/safetensors.h"
#include "nn/stem.h"

namespace canopy {
namespace {

const TorchvisionOptions kBuilt = {.norm_epsilon = 1e-5};

/// torchvision's own state dict of a narrow network (testdata/README.md), with a stem for RGB.
NamedTensors state_of(const std::string& backbone) {
  const Safetensors file = load_safetensors(CANOPY_NN_TESTDATA "/network_parity.safetensors");
  NamedTensors state;
  const std::string prefix = backbone + "/state/";
  for (const auto& [name, tensor] : file.tensors)
    if (name.starts_with(prefix)) state[name.substr(prefix.size())] = tensor.clone();
  at::Tensor& stem = state.at("backbone.body.conv1.weight");
  stem = narrow_stem(stem);
  return state;
}

class TorchvisionWeights : public testing::TestWithParam<std::string> {};

TEST_P(TorchvisionWeights, come_back_as_they_went) {
  const NamedTensors state = state_of(GetParam());
  const Model model = model_of_torchvision(state, kBuilt);
  EXPECT_EQ(model.info.config.backbone, GetParam());
  EXPECT_EQ(model.info.bands.size(), 5u);
  EXPECT_EQ(model.info.classes, (std::vector<std::string>{"background", "tree", "dead_tree"}));
  const NamedTensors back = torchvision_state(model, kBuilt);
  ASSERT_EQ(back.size(), state.size());
  for (const auto& [name, tensor] : state)
    EXPECT_TRUE(at::allclose(back.at(name), tensor, 1e-6, 1e-7)) << name;
}

TEST_P(TorchvisionWeights, in_five_bands_find_in_rgb_what_they_find_in_three) {
  const Model wide = model_of_torchvision(state_of(GetParam()), kBuilt),
              narrow =
                  model_of_torchvision(state_of(GetParam()), {.bands = 3, .norm_epsilon = 1e-5});
  at::Tensor planes = at::rand({1, 5, 96, 96}, at::make_generator<at::CPUGeneratorImpl>(3));
  planes.slice(1, 3).zero_();
  const Instances a = wide.network.detect(planes)[0],
                  b = narrow.network.detect(planes.slice(1, 0, 3).contiguous())[0];
  EXPECT_TRUE(at::allclose(a.boxes, b.boxes, 1e-4, 1e-3));
}

TEST_P(TorchvisionWeights, of_another_epsilon_give_the_same_norms) {
  const NamedTensors state = state_of(GetParam());
  const Model published = model_of_torchvision(state, {.norm_epsilon = 0});
  const std::string variance = "backbone.body.bn1.running_var";
  EXPECT_TRUE(at::allclose(published.network.weights().at(variance) + 1e-5, state.at(variance)));
  EXPECT_TRUE(at::allclose(torchvision_state(published, {.norm_epsilon = 0}).at(variance),
                           state.at(variance)));
}

INSTANTIATE_TEST_SUITE_P(Backbones, TorchvisionWeights, testing::Values("r18", "r50"));

TEST(TorchvisionNames, of_older_files_are_understood) {
  NamedTensors old;
  for (auto& [name, tensor] : state_of("r18")) {
    std::string older = name;
    const auto swap = [&](const std::string& now, const std::string& then) {
      if (const auto at = older.find(now); at != std::string::npos)
        older.replace(at, now.size(), then);
    };
    swap("rpn.head.conv.0.0.", "rpn.head.conv.");
    swap("inner_blocks.2.0.", "inner_blocks.2.");
    swap("layer_blocks.1.0.", "layer_blocks.1.");
    swap("mask_head.3.0.", "mask_head.mask_fcn4.");
    old[older] = tensor;
  }
  old["backbone.body.bn1.num_batches_tracked"] = at::ones({}, at::kLong);
  const NamedTensors back = torchvision_state(model_of_torchvision(old, kBuilt), kBuilt);
  EXPECT_TRUE(back.contains("roi_heads.mask_head.3.0.weight"));
}

TEST(TorchvisionNames, that_are_missing_or_unknown_are_told) {
  const auto refusal = [](auto change) {
    NamedTensors state = state_of("r18");
    change(state);
    try {
      model_of_torchvision(state, kBuilt);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(refusal([](NamedTensors& s) {
              s.erase("rpn.head.cls_logits.bias");
            }).find("rpn.head.cls_logits.bias"),
            std::string::npos);
  EXPECT_NE(refusal([](NamedTensors& s) { s["more"] = at::ones({1}); }).find("'more'"),
            std::string::npos);
  EXPECT_NE(refusal([](NamedTensors& s) { s.clear(); }).find("resnet50"), std::string::npos);
  const Model lite = {ModelInfo{}, MaskRcnn(MaskRcnnConfig{}, 1)};
  EXPECT_THROW(torchvision_state(lite, {}), Error);
}

}  // namespace
}  // namespace canopy
