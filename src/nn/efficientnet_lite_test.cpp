// SPDX-License-Identifier: Apache-2.0
#include "nn/efficientnet_lite.h"

#include <unistd.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "nn/safetensors.h"

namespace canopy {
namespace {

struct ImageNetFile : testing::Test {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("canopy_lite_" + std::to_string(::getpid()) + ".safetensors");
  NamedTensors weights = start_weights(efficientnet_lite_specs(5), 1);
  Safetensors file;

  void SetUp() override {  // 3 bands, names without our prefix, and tensors that we do not use
    for (const auto& [name, tensor] : start_weights(efficientnet_lite_specs(3), 2))
      file.tensors[name.substr(std::string("backbone.body.").size())] = tensor;
    file.tensors["_fc.weight"] = at::zeros({4, 4});
  }
  void TearDown() override { std::filesystem::remove(path); }
  std::string refusal() {
    save_safetensors(path, file);
    try {
      load_efficientnet_lite(path, weights);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST(EfficientNetLite, gives_four_maps_at_strides_4_to_32) {
  const NamedTensors weights = start_weights(efficientnet_lite_specs(5), 1);
  const auto maps = efficientnet_lite(weights, at::randn({1, 5, 64, 96}));
  ASSERT_EQ(maps.size(), 4u);
  for (int k = 0; k < 4; ++k)
    EXPECT_EQ(maps[k].sizes(), at::IntArrayRef({1, kLiteChannels[k], 16 >> k, 24 >> k}));
}

TEST(EfficientNetLite, a_folded_batch_norm_is_the_batch_norm) {
  NamedTensors weights = start_weights(efficientnet_lite_specs(5), 1);
  const std::string p = "backbone.body.";
  for (auto& [name, tensor] : weights)
    if (name.find("_bn") != std::string::npos) tensor = at::rand_like(tensor) + 0.5;
  const auto w = [&](const std::string& name) { return weights.at(p + name); };
  const auto norm = [&](const at::Tensor& x, const std::string& name) {
    return at::batch_norm(x,
                          w(name + ".weight"),
                          w(name + ".bias"),
                          w(name + ".running_mean"),
                          w(name + ".running_var"),
                          false,
                          0,
                          1e-3,
                          false);
  };
  const at::Tensor planes = at::randn({2, 5, 32, 32});
  at::Tensor x = norm(at::conv2d(planes, w("_conv_stem.weight"), {}, 2, 1), "_bn0").clamp(0, 6);
  x = norm(at::conv2d(x, w("_blocks.0._depthwise_conv.weight"), {}, 1, 1, 1, 32), "_blocks.0._bn1")
          .clamp(0, 6);
  x = norm(at::conv2d(x, w("_blocks.0._project_conv.weight")), "_blocks.0._bn2");
  for (const std::string b : {"_blocks.1.", "_blocks.2."}) {
    at::Tensor y = norm(at::conv2d(x, w(b + "_expand_conv.weight")), b + "_bn0").clamp(0, 6);
    y = norm(
            at::conv2d(
                y, w(b + "_depthwise_conv.weight"), {}, b == "_blocks.1." ? 2 : 1, 1, 1, y.size(1)),
            b + "_bn1")
            .clamp(0, 6);
    y = norm(at::conv2d(y, w(b + "_project_conv.weight")), b + "_bn2");
    x = b == "_blocks.1." ? y : y + x;
  }
  const at::Tensor ours = efficientnet_lite(weights, planes)[0];
  EXPECT_TRUE(at::allclose(ours, x, 1e-4, 1e-4 * x.abs().max().item<double>()));
}

TEST_F(ImageNetFile, is_copied_and_its_stem_widened_to_the_models_bands) {
  EXPECT_EQ(refusal(), "");
  const at::Tensor stem = weights.at("backbone.body._conv_stem.weight"),
                   rgb = file.tensors.at("_conv_stem.weight");
  EXPECT_TRUE(at::equal(stem.select(1, 0), rgb.select(1, 2)));
  EXPECT_TRUE(at::equal(stem.select(1, 2), rgb.select(1, 0)));
  EXPECT_TRUE(at::allclose(stem.select(1, 4), 0.5 * rgb.mean(1)));
  EXPECT_TRUE(at::equal(weights.at("backbone.body._blocks.15._bn2.running_var"),
                        file.tensors.at("_blocks.15._bn2.running_var")));
}

TEST_F(ImageNetFile, a_missing_or_misshapen_tensor_is_named) {
  file.tensors["_bn0.bias"] = at::zeros({31});
  EXPECT_NE(refusal().find("'_bn0.bias' has another shape"), std::string::npos) << refusal();
  file.tensors.erase("_blocks.3._bn0.weight");
  EXPECT_NE(refusal().find("_blocks.3._bn0.weight' is missing"), std::string::npos) << refusal();
}

}  // namespace
}  // namespace canopy
