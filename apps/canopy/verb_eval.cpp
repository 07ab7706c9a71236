// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "mosaic_options.h"
#include "records.h"
#include "verbs.h"

namespace canopy {
namespace {

struct EvalState {
  EvaluateOptions options;
  std::string model, dataset, split = "test";
  template <class F>
  void describe(F& field) {
    field("model",
          model,
          "A .safetensors file, or the name of a model of the workspace. Left out: its newest, or "
          "the bundled one.");
    field("split", split, "train, val or test.");
  }
};

void print_overlap(const char* kind, const nlohmann::ordered_json& figures) {
  const auto value = [&](const char* group, const char* name) {
    return figures.at(group).at(name).at("value").get<double>();
  };
  std::printf(
      "%-6s AP %.3f   AP50 %.3f   at IoU .4: P %.3f R %.3f F1 %.3f   at .5: P %.3f R %.3f F1 %.3f  "
      " count %+.1f %%\n",
      kind,
      figures.at("ap").at("value").get<double>(),
      figures.at("ap50").at("value").get<double>(),
      value("iou_40", "precision"),
      value("iou_40", "recall"),
      value("iou_40", "f1"),
      value("iou_50", "precision"),
      value("iou_50", "recall"),
      value("iou_50", "f1"),
      100 * figures.at("count_error").at("value").get<double>());
}

void print_points(const nlohmann::ordered_json& figures) {
  const auto value = [&](const char* name) { return figures.at(name).at("value").get<double>(); };
  std::printf("point  within %g px: P %.3f R %.3f F1 %.3f   count %+.1f %%\n",
              figures.at("distance_px").get<double>(),
              value("precision"),
              value("recall"),
              value("f1"),
              100 * value("count_error"));
}

}  // namespace

Command verb_eval() {
  auto state = std::make_shared<EvalState>();
  Command command(
      "eval", "Measure a model on a split of a dataset: COCO AP, precision, recall, counts, areas");
  command.options(*state)
      .options(state->options)
      .positional("DATASET", state->dataset, "a name (its newest), name-id, or folder")
      .example("canopy eval walnuts model=walnut split=test")
      .run([state](Context& context) {
        OpenWorkspace space(context.workspace());
        const auto path = find_model(state->model, context);
        const auto figures = space.evaluate_model(
            path, space.dataset(state->dataset), state->split, state->options, *context.progress);
        if (context.json) {
          std::printf("%s\n", figures.dump(2).c_str());
          return kDone;
        }
        std::printf("%s on %s, split %s\n",
                    path.stem().c_str(),
                    state->dataset.c_str(),
                    state->split.c_str());
        for (const char* kind : {"box", "mask"})
          if (!figures.at(kind).is_null()) print_overlap(kind, figures.at(kind));
        if (!figures.at("point").is_null()) print_points(figures.at("point"));
        return kDone;
      });
  return command;
}

}  // namespace canopy
