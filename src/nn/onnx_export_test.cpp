// SPDX-License-Identifier: Apache-2.0
#include "nn/onnx_export.h"

#include <cstdlib>
#include <filesystem>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "nn/bands.h"
#include "nn/onnx_trace.h"
#include "nn/safetensors.h"

namespace canopy {
namespace {

Model narrow_model(const std::string& backbone) {
  MaskRcnnConfig config;
  config.backbone = backbone;
  if (backbone != "lite") config.backbone_width = 8;
  config.fpn_channels = config.mask_head_channels = 16;
  config.box_head_channels = 32;
  config.max_detections = 40;
  ModelInfo info;
  info.name = backbone;
  info.bands.assign(kModelBands.begin(), kModelBands.end());
  Model model{info, MaskRcnn(config, 5)};
  model.info.config = model.network.config();
  // Far from their small beginnings, so that boxes differ and some score above the threshold.
  at::NoGradGuard no_grad;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(7);
  for (const char* name : {"rpn.head.cls_logits.weight",
                           "rpn.head.bbox_pred.weight",
                           "roi_heads.box_predictor.cls_score.weight",
                           "roi_heads.box_predictor.bbox_pred.weight",
                           "roi_heads.mask_predictor.mask_fcn_logits.weight"})
    at::Tensor(model.network.weights().at(name)).normal_(0, 0.1, generator);
  return model;
}

/// The interop test runs this with CANOPY_ONNX_OUT, and lets onnxruntime find the same in `planes`.
class OnnxExport : public testing::TestWithParam<std::string> {};

TEST_P(OnnxExport, writes_every_backbone) {
  const Model model = narrow_model(GetParam());
  const std::string bytes = onnx_of(model, 128);
  EXPECT_GT(bytes.size(), 100'000u);
  for (const char* operation : {"NonMaxSuppression", "RoiAlign", "ConvTranspose", "MaxPool"})
    EXPECT_TRUE(bytes.find(operation) != std::string::npos ||
                (GetParam() == "lite" && operation == std::string("MaxPool")))
        << operation;
  const char* folder = std::getenv("CANOPY_ONNX_OUT");
  if (!folder) return;
  const at::Tensor planes =
      at::randn({1, 5, 128, 128}, at::make_generator<at::CPUGeneratorImpl>(9));
  const Instances found = model.network.detect(planes)[0];
  ASSERT_GT(found.boxes.size(0), 5);
  const std::filesystem::path stem = std::filesystem::path(folder) / GetParam();
  write_file(stem.string() + ".onnx", bytes);
  save_safetensors(stem.string() + ".safetensors",
                   {{{"planes", planes},
                     {"boxes", found.boxes.contiguous()},
                     {"scores", found.scores.contiguous()},
                     {"classes", found.classes.to(at::kFloat)},
                     {"masks", found.masks.contiguous()}},
                    {}});
}

INSTANTIATE_TEST_SUITE_P(Backbones, OnnxExport, testing::Values("lite", "r18", "r50"));

TEST(OnnxTrace, follows_a_tensor_through_what_it_knows_and_names_what_it_does_not) {
  OnnxGraph graph;
  {
    OnnxTrace trace(graph);
    const at::Tensor x = at::rand({1, 2, 8, 8}), w = at::rand({3, 2, 3, 3});
    trace.watch(x, "x");
    at::Tensor y = at::conv2d(x, w * 2, {}, 1, 1);
    const std::string convolved = trace.value_of(y);
    EXPECT_NE(convolved, "x");
    y.relu_();
    EXPECT_NE(trace.value_of(y), convolved) << "changed in place, another value";
    EXPECT_THROW(trace.value_of(w), Error);
    try {
      trace.value_of(at::cumsum(y, 1));
      ADD_FAILURE() << "cumsum has no translation";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("aten::cumsum"), std::string::npos) << error.what();
    }
  }
  const OnnxTrace again(graph);  // the first has ended
}

TEST(OnnxGraph, refuses_sizes_that_the_pyramid_cannot_halve) {
  EXPECT_THROW(onnx_of(narrow_model("lite"), 100), Error);
}

}  // namespace
}  // namespace canopy
