// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/atomic_file.h"
#include "base/error.h"
#include "mosaic_options.h"
#include "nn/onnx_export.h"
#include "nn/safetensors.h"
#include "nn/torchvision_weights.h"
#include "records.h"
#include "verbs.h"

namespace canopy {
namespace {

struct ImportState {
  TorchvisionOptions options;
  std::string file, name, output;
  template <class F>
  void describe(F& field) {
    field("name", name, "What to call the model; the file's name when left out.");
    options.describe(field);
  }
};

int import_model(const ImportState& state, Context& context) {
  context.require_writable(state.output);
  const Safetensors file = load_safetensors(state.file);
  Model model = [&] {
    try {
      return model_of_torchvision(file.tensors, state.options);
    } catch (const Error& error) {
      throw add_context(state.file, error);
    }
  }();
  model.info.name =
      state.name.empty() ? std::filesystem::path(state.file).stem().string() : state.name;
  const std::string id = save_model(state.output, model);
  const MaskRcnnConfig& config = model.info.config;
  if (context.json)
    std::printf("%s\n",
                nlohmann::ordered_json{{"model", state.output},
                                       {"model_id", id},
                                       {"backbone", config.backbone},
                                       {"bands", model.info.bands},
                                       {"classes", config.classes}}
                    .dump(2)
                    .c_str());
  else
    std::printf("model      %s\nid         %s\nnetwork    %s, %d bands, %d classes\n",
                state.output.c_str(),
                id.c_str(),
                config.backbone.c_str(),
                config.bands,
                config.classes);
  return kDone;
}

struct ExportState {
  std::string model, output, as = "canopy";
  int size_px = 512;
  double norm_epsilon = 1e-5;
  template <class F>
  void describe(F& field) {
    field(
        "as",
        as,
        "canopy, canopy16 (weights in fp16, half the size), onnx (opset 17, one picture of a fixed "
        "size), or torchvision (a state dict for pictures of red, green and blue).");
    field("size-px", size_px, "Edge of the picture that an ONNX model takes.");
    field("norm-epsilon",
          norm_epsilon,
          "Epsilon of the batch norms in the network that takes a state dict: torchvision's own is "
          "1e-5.");
  }
};

void export_model(const ExportState& state, Context& context) {
  const Model model = load_model(find_model(state.model, context));
  context.require_writable(state.output);
  if (state.as == "canopy" || state.as == "canopy16") {
    save_model(state.output,
               model,
               state.as == "canopy" ? StoredWeights::Float32 : StoredWeights::Float16);
    return;
  }
  if (state.as == "onnx") {
    write_file(state.output, onnx_of(model, state.size_px));
    return;
  }
  require(state.as == "torchvision",
          "as: '" + state.as + "' is not known; use canopy, canopy16, onnx or torchvision");
  const Normalisation& n = model.info.normalisation;
  const auto rgb = [](const std::vector<double>& of_band) {
    return nlohmann::json{of_band[2], of_band[1], of_band[0]}.dump();
  };
  save_safetensors(state.output,
                   {torchvision_state(model, {.norm_epsilon = state.norm_epsilon}),
                    {{"format", "pt"},
                     {"image_mean", rgb(n.mean)},
                     {"image_std", rgb(n.sd)},
                     {"num_classes", std::to_string(model.network.config().classes)}}});
}

}  // namespace

Command verb_model_import() {
  auto state = std::make_shared<ImportState>();
  Command command("model import",
                  "A state dict of torchvision's Mask R-CNN (safetensors) as a model of Canopy");
  command.options(*state)
      .positional("FILE", state->file, "e.g. of maskrcnn_resnet50_fpn, saved by safetensors.torch")
      .output(state->output, "The model, a .safetensors file.")
      .example("canopy model import maskrcnn_resnet50_fpn_coco.safetensors -o coco.safetensors")
      .run([state](Context& context) { return import_model(*state, context); });
  return command;
}

Command verb_model_export() {
  auto state = std::make_shared<ExportState>();
  Command command("model export", "A model for other programs, or in half the size");
  command.options(*state)
      .positional(
          "MODEL", state->model, "a .safetensors file, or the name of a model of the workspace")
      .output(state->output, "The file to write: .safetensors or .onnx.")
      .example("canopy model export walnut as=torchvision -o walnut_state_dict.safetensors")
      .run([state](Context& context) {
        export_model(*state, context);
        if (context.json)
          std::printf("%s\n", nlohmann::ordered_json{{"model", state->output}}.dump(2).c_str());
        else
          std::printf("model      %s\n", state->output.c_str());
        return kDone;
      });
  return command;
}

Command verb_model_list() {
  Command command("model list", "The models of the workspace");
  command.run([](Context& context) {
    const OpenWorkspace space(context.workspace());
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const ModelRecord& model : space.registry().models()) {
      list.push_back({{"id", model.id},
                      {"name", model.name},
                      {"run", model.run_id},
                      {"uri", model.uri},
                      {"created_at", model.created_at}});
      if (!context.json)
        std::printf("%-20s %s   run %-20s %s\n",
                    model.name.c_str(),
                    model.id.substr(0, 12).c_str(),
                    model.run_id.c_str(),
                    model.uri.c_str());
    }
    if (context.json) std::printf("%s\n", list.dump(2).c_str());
    return kDone;
  });
  return command;
}

Command verb_model_show() {
  auto name = std::make_shared<std::string>();
  Command command("model show", "What a model file says of itself");
  command.positional("MODEL", *name, "a .safetensors file, or the name of a model of the workspace")
      .run([name](Context& context) {
        ModelInfo info = load_model_info(find_model(*name, context));
        nlohmann::ordered_json point_scales = nlohmann::ordered_json::array();
        for (const auto& [tile_gsd_m, input_gsd_m] : info.point_scales)
          point_scales.push_back({{"tile_gsd_m", tile_gsd_m}, {"input_gsd_m", input_gsd_m}});
        const nlohmann::ordered_json document = {
            {"name", info.name},
            {"model_id", info.model_id},
            {"run_id", info.run_id},
            {"dataset_id", info.dataset_id},
            {"averaged_from", info.averaged_from},
            {"bands", info.bands},
            {"classes", info.classes},
            {"network", Fields(info.config).to_json()},
            {"trained_gsd_m", info.trained_gsd_m},
            {"point_scales", point_scales},
            {"crown_px_median", info.crown_px_median},
            {"score_threshold", info.score_threshold},
            {"normalisation", {{"mean", info.normalisation.mean}, {"sd", info.normalisation.sd}}},
            {"metrics", info.metrics}};
        std::printf("%s\n", document.dump(2).c_str());
        return kDone;
      });
  return command;
}

}  // namespace canopy
