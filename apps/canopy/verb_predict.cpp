// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/error.h"
#include "mosaic_options.h"
#include "predict/predict.h"
#include "predict_pictures.h"
#include "verbs.h"

namespace canopy {
namespace {

struct PredictState {
  MosaicOptions mosaic;
  PredictOptions options;
  std::vector<std::string> pictures;
  std::string model, output;
  template <class F>
  void describe(F& field) {
    field("model", model, "The model: a .safetensors file, or the name of one of the workspace.");
  }
};

int predict_one(PredictState& state, const Model& model, Context& context) {
  const Raster raster = Raster::open(state.pictures[0], state.mosaic.raster_options());
  const Prediction prediction =
      predict_mosaic(raster, model, state.options, state.output, *context.progress);
  if (context.json) {
    std::printf("%s\n", to_json(prediction).dump(2).c_str());
    return kDone;
  }
  print_mosaic(raster);
  print_prediction(model.info, prediction);
  return kDone;
}

int predict_many(PredictState& state, const Model& model, Context& context) {
  const std::filesystem::path output = state.output;
  const Tell tell = [&](const Raster& raster, const Prediction& prediction) {
    if (context.json) return;
    print_mosaic(raster);
    print_prediction(model.info, prediction);
    std::fflush(stdout);
  };
  const auto work = output.extension() == ".json" ? predict_to_coco : predict_to_folder;
  const PicturesOutcome outcome = work(state.pictures,
                                       state.mosaic.raster_options(),
                                       model,
                                       state.options,
                                       output,
                                       tell,
                                       *context.progress);
  std::size_t trees = 0;
  nlohmann::ordered_json pictures = nlohmann::ordered_json::array();
  for (const PicturePrediction& one : outcome.done) {
    trees += one.trees;
    pictures.push_back({{"picture", one.name}, {"trees", one.trees}});
  }
  for (const std::string& skipped : outcome.skipped)
    std::fprintf(stderr, "skipped: %s\n", skipped.c_str());
  if (context.json)
    std::printf("%s\n",
                nlohmann::ordered_json{
                    {"trees", trees}, {"pictures", pictures}, {"skipped", outcome.skipped}}
                    .dump(2)
                    .c_str());
  else
    std::printf("%-10s %s in %zu pictures   in %s\n",
                "trees",
                format_count(static_cast<std::int64_t>(trees)).c_str(),
                outcome.done.size(),
                output.c_str());
  return outcome.skipped.empty() ? kDone : kSkipped;
}

}  // namespace

Command verb_predict() {
  auto state = std::make_shared<PredictState>();
  Command command(
      "predict",
      "Give every pixel of a mosaic, or of many pictures, to one tree: maps of tree ids, "
      "or one COCO file");
  command.options(*state)
      .options(state->options)
      .options(state->mosaic)
      .positionals("ORTHO", state->pictures, "the orthomosaic; or several pictures")
      .output(
          state->output,
          "The label map: a GeoTIFF of uint32 tree ids; a folder for those of several pictures; "
          "or one COCO file of all crowns (.json).")
      .example("canopy predict farm.tif model=models/lite-3f9c2a71be04.safetensors -o labels.tif")
      .example("canopy predict a.tif b.tif -o results.json")
      .run([state](Context& context) {
        const bool is_coco = std::filesystem::path(state->output).extension() == ".json";
        const bool is_map = state->pictures.size() == 1 && !is_coco;
        if (is_map || is_coco) context.require_writable(state->output);
        for (const std::filesystem::path picture : state->pictures)
          if (!is_map && !is_coco)
            context.require_writable(std::filesystem::path(state->output) /
                                     (picture.stem().string() + ".tif"));
        const Model model = load_model(find_model(state->model, context));
        return is_map ? predict_one(*state, model, context) : predict_many(*state, model, context);
      });
  return command;
}

}  // namespace canopy
