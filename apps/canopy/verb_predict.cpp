// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "mosaic_options.h"
#include "predict/predict.h"
#include "verbs.h"

namespace canopy {
namespace {

struct PredictState {
  MosaicOptions mosaic;
  PredictOptions options;
  std::string ortho, model, output;
  template <class F>
  void describe(F& field) {
    field("model", model, "The model: a .safetensors file, or the name of one of the workspace.");
  }
};

}  // namespace

Command verb_predict() {
  auto state = std::make_shared<PredictState>();
  Command command("predict", "Give every pixel of a mosaic to one tree: a map of tree ids");
  command.options(*state)
      .options(state->options)
      .options(state->mosaic)
      .positional("ORTHO", state->ortho, "the orthomosaic")
      .output(state->output, "The label map: a GeoTIFF of uint32 tree ids.")
      .example("canopy predict farm.tif model=models/lite-3f9c2a71be04.safetensors -o labels.tif")
      .run([state](Context& context) {
        context.require_writable(state->output);
        const Raster raster = Raster::open(state->ortho, state->mosaic.raster_options());
        const Model model = load_model(find_model(state->model, context));
        const Prediction prediction =
            predict_mosaic(raster, model, state->options, state->output, *context.progress);
        if (context.json) {
          std::printf("%s\n", to_json(prediction).dump(2).c_str());
          return kDone;
        }
        print_mosaic(raster);
        print_prediction(model.info, prediction);
        return kDone;
      });
  return command;
}

}  // namespace canopy
