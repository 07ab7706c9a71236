// SPDX-License-Identifier: Apache-2.0
#include "nn/model_file.h"

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/options.h"
#include "nn/bands.h"
#include "nn/safetensors.h"

namespace canopy {
namespace {

using nlohmann::json;

const std::string kFormat = "canopy-model", kVersion = "1";

json config_to_json(const MaskRcnnConfig& config) {
  MaskRcnnConfig copy = config;
  return Fields(copy).to_json();
}

/// As the words that options are set from: 3 -> "3", [1, 2] -> "1,2".
std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const json& item : value) text += (text.empty() ? "" : ",") + text_of(item);
  return text;
}

MaskRcnnConfig config_from_json(const json& object) {
  MaskRcnnConfig config;
  Fields fields(config);
  for (const auto& [name, value] : object.items()) fields.set(name, text_of(value));
  config.validate();
  return config;
}

std::string id_of(const NamedTensors& tensors, const json& config) {
  Sha256 digest;
  digest.update(config.dump());
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor plain = tensor.detach().cpu().contiguous();
    digest.update("\n" + name + " " + json(plain.sizes().vec()).dump() + " " +
                  std::string(c10::toString(plain.scalar_type())) + "\n");
    if (plain.nbytes() > 0)
      digest.update(
          std::string_view(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes()));
  }
  return digest.hex();
}

NamedTensors as_float32(NamedTensors tensors) {
  for (auto& [name, tensor] : tensors)
    if (tensor.scalar_type() == at::kHalf) tensor = tensor.to(at::kFloat);
  return tensors;
}

json info_to_json(const ModelInfo& info) {
  const Normalisation& n = info.normalisation;
  json point_scales = json::array();
  for (const PointScale& scale : info.point_scales)
    point_scales.push_back({{"tile_gsd_m", scale.tile_gsd_m}, {"input_gsd_m", scale.input_gsd_m}});
  return {
      {"name", info.name},
      {"model_id", info.model_id},
      {"run_id", info.run_id},
      {"dataset_id", info.dataset_id},
      {"averaged_from", info.averaged_from},
      {"config", config_to_json(info.config)},
      {"bands", info.bands},
      {"classes", info.classes},
      {"normalisation", {{"mean", n.mean}, {"sd", n.sd}, {"reflectance_gain", n.reflectance_gain}}},
      {"trained_gsd_m", info.trained_gsd_m},
      {"point_scales", point_scales},
      {"crown_px_median", info.crown_px_median},
      {"score_threshold", info.score_threshold},
      {"metrics", info.metrics}};
}

void check_info(const ModelInfo& info) {
  require(static_cast<int>(info.bands.size()) == info.config.bands,
          "bands: there must be as many names as the network has input channels");
  require(static_cast<int>(info.classes.size()) == info.config.classes,
          "classes: there must be as many names as the network has classes");
  const Normalisation& n = info.normalisation;
  for (const auto* numbers : {&n.mean, &n.sd, &n.reflectance_gain})
    require(numbers->size() >= info.bands.size(),
            "normalisation: mean, sd and reflectance_gain need one number for each band");
  for (const double sd : n.sd) require(sd > 0, "normalisation: sd must be positive");
}

ModelInfo info_from_json(const json& object) {
  ModelInfo info;
  const auto read = [&](const char* name, auto& value) {
    require(object.contains(name), [&] { return std::string("'") + name + "' is missing"; });
    value = object.at(name).get<std::decay_t<decltype(value)>>();
  };
  read("name", info.name);
  read("model_id", info.model_id);
  read("run_id", info.run_id);
  read("dataset_id", info.dataset_id);
  info.averaged_from = object.value("averaged_from", info.averaged_from);
  require(object.contains("config"), "'config' is missing");
  info.config = config_from_json(object.at("config"));
  read("bands", info.bands);
  read("classes", info.classes);
  const json& n = object.at("normalisation");
  n.at("mean").get_to(info.normalisation.mean);
  n.at("sd").get_to(info.normalisation.sd);
  n.at("reflectance_gain").get_to(info.normalisation.reflectance_gain);
  read("trained_gsd_m", info.trained_gsd_m);
  for (const json& one : object.value("point_scales", json::array()))
    info.point_scales.push_back({one.at("tile_gsd_m"), one.at("input_gsd_m")});
  read("crown_px_median", info.crown_px_median);
  read("score_threshold", info.score_threshold);
  read("metrics", info.metrics);
  check_info(info);
  return info;
}

/// The member `model` of a file's metadata.
json description_of(const std::filesystem::path& path, const Safetensors& file) {
  const auto text = [&](const std::string& key) {
    const auto found = file.metadata.find(key);
    require(found != file.metadata.end(), [&] {
      return path.string() + ": metadata '" + key + "' is missing; this is not a model of Canopy";
    });
    return found->second;
  };
  require(text("format") == kFormat,
          [&] { return path.string() + ": format '" + text("format") + "' is not " + kFormat; });
  require(text("version") == kVersion, [&] {
    return path.string() + ": version '" + text("version") +
           "' of the model format is not known; this program reads " + kVersion;
  });
  try {
    return json::parse(text("model"));
  } catch (const json::exception& error) {
    throw Error(Fault::User, path.string() + ": metadata 'model': " + error.what());
  }
}

ModelInfo info_of(const std::filesystem::path& path, const json& description) {
  try {
    return info_from_json(description);
  } catch (const Error& error) {
    throw add_context(path.string() + ": metadata 'model'", error);
  } catch (const json::exception& error) {
    throw Error(Fault::User, path.string() + ": metadata 'model': " + error.what());
  }
}

}  // namespace

std::string save_model(const std::filesystem::path& path,
                       const Model& model,
                       StoredWeights stored) {
  ModelInfo info = model.info;
  info.config = model.network.config();
  check_info(info);
  Safetensors file;
  file.tensors = model.network.weights();
  if (stored == StoredWeights::Float16)
    for (auto& [name, tensor] : file.tensors)
      if (tensor.dim() > 1) tensor = tensor.detach().to(at::kHalf);
  info.model_id = id_of(as_float32(file.tensors), config_to_json(info.config));
  file.metadata = {
      {"format", kFormat}, {"version", kVersion}, {"model", info_to_json(info).dump()}};
  save_safetensors(path, file);
  return info.model_id;
}

Model load_model(const std::filesystem::path& path) {
  Safetensors file = load_safetensors(path);
  const json description = description_of(path, file);
  ModelInfo info = info_of(path, description);
  try {
    MaskRcnn network(info.config, as_float32(file.tensors));
    // The config as it stands there: one written before an option existed lacks that option.
    require(id_of(network.weights(), description.at("config")) == info.model_id,
            "its tensors do not hash to its model id: the file is damaged");
    return {std::move(info), std::move(network)};
  } catch (const Error& error) {
    throw add_context(path.string(), error);
  }
}

ModelInfo load_model_info(const std::filesystem::path& path) {
  return info_of(path, description_of(path, load_safetensors(path)));
}

AffineNormalisation normalise_plane(const Normalisation& normalisation,
                                    int model_band,
                                    const std::string& dtype,
                                    double scale,
                                    double offset) {
  require(dtype == "uint8" || dtype == "uint16" || dtype == "float32",
          [&] { return "sample type '" + dtype + "' is not known; use uint8, uint16 or float32"; });
  require(model_band >= 0 && model_band < static_cast<int>(normalisation.reflectance_gain.size()),
          [&] { return "band " + std::to_string(model_band) + " has no reflectance gain"; });
  double factor = 0, shift = 0;  // raw -> display units
  if (scale == 0 && dtype == "uint8") {
    factor = 1.0 / 255;
  } else {
    const double gain = normalisation.reflectance_gain[model_band];
    factor = gain * (scale != 0 ? scale : dtype == "uint16" ? 1e-4 : 1.0);
    shift = gain * offset;
  }
  const double mean = normalisation.mean.at(model_band), sd = normalisation.sd.at(model_band);
  return {static_cast<float>(factor / sd), static_cast<float>((shift - mean) / sd)};
}

}  // namespace canopy
