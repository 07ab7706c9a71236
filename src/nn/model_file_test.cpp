// SPDX-License-Identifier: Apache-2.0
#include "nn/model_file.h"

#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "nn/bands.h"
#include "nn/safetensors.h"

namespace canopy {
namespace {

struct ModelFile : testing::Test {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("canopy_model_" + std::to_string(::getpid()) + ".safetensors");
  void TearDown() override { std::filesystem::remove(path); }

  static Model some_model() {
    MaskRcnnConfig config;
    config.fpn_channels = config.mask_head_channels = 8, config.box_head_channels = 16,
    config.mask_head_layers = 1;
    config.anchor_sizes = {12, 24.5, 48, 96};
    ModelInfo info;
    info.name = "a name";
    info.run_id = "run-1";
    info.config = config;
    info.bands.assign(kModelBands.begin(), kModelBands.end());
    info.trained_gsd_m = {0.05, 0.1};
    info.point_scales = {{0.6, 0.155}};
    info.metrics = {{"mask_ap", 0.5}};
    return {info, MaskRcnn(config, 4)};
  }
  std::string refusal() {
    try {
      load_model(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::User);
      EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos) << error.what();
      return error.what();
    }
    return "";
  }
  void expect_refusal(const std::string& part) {
    EXPECT_NE(refusal().find(part), std::string::npos) << refusal();
  }
};

TEST_F(ModelFile, what_was_saved_is_loaded) {
  const Model model = some_model();
  const std::string id = save_model(path, model);
  EXPECT_EQ(id.size(), 64u);
  const Model loaded = load_model(path);
  EXPECT_EQ(loaded.info.model_id, id);
  EXPECT_EQ(loaded.info.name, "a name");
  EXPECT_EQ(loaded.info.bands, model.info.bands);
  ASSERT_EQ(loaded.info.point_scales.size(), 1U);
  EXPECT_EQ(loaded.info.point_scales[0].tile_gsd_m, 0.6);
  EXPECT_EQ(loaded.info.point_scales[0].input_gsd_m, 0.155);
  EXPECT_EQ(loaded.info.trained_gsd_m, model.info.trained_gsd_m);
  EXPECT_EQ(loaded.info.metrics, model.info.metrics);
  EXPECT_EQ(loaded.network.config().anchor_sizes, model.network.config().anchor_sizes);
  EXPECT_EQ(load_model_info(path).model_id, id);
  for (const auto& [name, tensor] : model.network.weights())
    EXPECT_TRUE(at::equal(tensor, loaded.network.weights().at(name))) << name;
  const at::Tensor planes = at::ones({1, 5, 64, 64});
  EXPECT_TRUE(
      at::equal(model.network.detect(planes)[0].boxes, loaded.network.detect(planes)[0].boxes));
}

TEST_F(ModelFile, in_sixteen_bits_it_has_half_the_size_and_finds_the_same) {
  const Model model = some_model();
  save_model(path, model);
  const auto whole = std::filesystem::file_size(path);
  const std::string id = save_model(path, model, StoredWeights::Float16);
  EXPECT_LT(std::filesystem::file_size(path), 0.6 * static_cast<double>(whole));
  const Model loaded = load_model(path);
  EXPECT_EQ(loaded.info.model_id, id);
  for (const auto& [name, tensor] : model.network.weights()) {
    const at::Tensor& own = loaded.network.weights().at(name);
    EXPECT_EQ(own.scalar_type(), at::kFloat);
    EXPECT_TRUE(tensor.dim() > 1 ? at::allclose(own, tensor, 1e-3, 1e-6) : at::equal(own, tensor));
  }
  EXPECT_EQ(save_model(path, loaded, StoredWeights::Float16), id) << "rounded once, not again";
}

TEST_F(ModelFile, the_id_is_of_tensors_and_config_alone) {
  Model model = some_model();
  const std::string id = save_model(path, model);
  model.info.name = "another";
  EXPECT_EQ(save_model(path, model), id);
  at::NoGradGuard no_grad;
  model.network.weights().at("rpn.head.cls_logits.bias").add_(1);
  EXPECT_NE(save_model(path, model), id);
}

TEST_F(ModelFile, a_model_from_before_an_option_existed_is_loaded) {
  save_model(path, some_model());
  Safetensors file = load_safetensors(path);
  nlohmann::json info = nlohmann::json::parse(file.metadata.at("model"));
  info["config"].erase("detection-nms");
  Sha256 digest;
  digest.update(info["config"].dump());
  for (const auto& [name, tensor] : file.tensors) {
    digest.update("\n" + name + " " + nlohmann::json(tensor.sizes().vec()).dump() + " Float\n");
    digest.update({static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()});
  }
  info["model_id"] = digest.hex();
  file.metadata["model"] = info.dump();
  save_safetensors(path, file);
  EXPECT_EQ(load_model(path).info.model_id, info["model_id"]);
}

TEST_F(ModelFile, a_flipped_bit_is_noticed) {
  save_model(path, some_model());
  std::string bytes = read_file(path);
  bytes[bytes.size() - 1000] = static_cast<char>(bytes[bytes.size() - 1000] ^ 4);
  write_file(path, bytes);
  expect_refusal("damaged");
}

TEST_F(ModelFile, each_defect_is_named) {
  save_model(path, some_model());
  const Safetensors good = load_safetensors(path);
  const auto with = [&](auto change) {
    Safetensors file = good;
    change(file);
    save_safetensors(path, file);
  };
  const auto with_info = [&](auto change) {
    nlohmann::json info = nlohmann::json::parse(good.metadata.at("model"));
    change(info);
    with([&](Safetensors& f) { f.metadata["model"] = info.dump(); });
  };
  with([](Safetensors& f) { f.metadata.clear(); });
  expect_refusal("metadata 'format' is missing");
  with([](Safetensors& f) { f.metadata["format"] = "pt"; });
  expect_refusal("format 'pt'");
  with([](Safetensors& f) { f.metadata["version"] = "9"; });
  expect_refusal("version '9'");
  with([](Safetensors& f) { f.metadata["model"] = "{"; });
  expect_refusal("metadata 'model'");
  with([](Safetensors& f) { f.tensors.erase("rpn.head.cls_logits.bias"); });
  expect_refusal("'rpn.head.cls_logits.bias' is missing");
  with_info([](nlohmann::json& i) { i.erase("bands"); });
  expect_refusal("'bands' is missing");
  with_info([](nlohmann::json& i) { i.erase("config"); });
  expect_refusal("'config' is missing");
  with_info([](nlohmann::json& i) { i["config"]["fpn-chanels"] = 3; });
  expect_refusal("fpn-channels");
  with_info([](nlohmann::json& i) { i["bands"] = {"red"}; });
  expect_refusal("bands");
  with_info([](nlohmann::json& i) { i["classes"] = {"background"}; });
  expect_refusal("classes");
  with_info([](nlohmann::json& i) { i["normalisation"]["sd"] = {1, 1, 0, 1, 1}; });
  expect_refusal("sd must be positive");
  with_info([](nlohmann::json& i) { i["normalisation"]["reflectance_gain"] = {1}; });
  expect_refusal("reflectance_gain");
  with_info([](nlohmann::json& i) { i["name"] = 3; });
  expect_refusal("metadata 'model'");
}

TEST(Normalisation, display_bytes_reflectance_and_scaled_samples_become_network_input) {
  const Normalisation n;
  const auto input =
      [&](int band, const std::string& dtype, double raw, double scale = 0, double offset = 0) {
        const AffineNormalisation a = normalise_plane(n, band, dtype, scale, offset);
        return a.factor * raw + a.shift;
      };
  EXPECT_NEAR(input(0, "uint8", 0), -1, 1e-6);
  EXPECT_NEAR(input(0, "uint8", 255), 1, 1e-6);
  EXPECT_NEAR(input(0, "uint16", 2500), (0.25 * 4.0 - 0.5) / 0.5, 1e-5);
  EXPECT_NEAR(input(4, "float32", 0.4), (0.4 * 1.6 - 0.5) / 0.5, 1e-5);
  EXPECT_NEAR(input(3, "uint16", 1000, 2e-5, 0.1), ((0.02 + 0.1) * 2.0 - 0.5) / 0.5, 1e-5);
  EXPECT_NEAR(input(1, "uint8", 100, 0.002), (0.2 * 4.0 - 0.5) / 0.5, 1e-5);
  EXPECT_THROW(input(0, "int64", 1), Error);
  EXPECT_THROW(input(5, "uint8", 1), Error);
}

}  // namespace
}  // namespace canopy
