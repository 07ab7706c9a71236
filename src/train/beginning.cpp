// SPDX-License-Identifier: Apache-2.0
#include "train/beginning.h"

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/options.h"
#include "nn/bands.h"

namespace canopy {

TrainOptions with_architecture(TrainOptions options) {
  if (options.start.empty()) return options;
  require(options.imagenet.empty(), "start and imagenet exclude each other; give one");
  MaskRcnnConfig own = load_model_info(options.start).config, none;
  require(own.bands == static_cast<int>(kModelBands.size()), [&] {
    return options.start + " takes " + std::to_string(own.bands) +
           " bands; training has the canonical five: import it with bands=5";
  });
  const auto written = [](MaskRcnnConfig& config) { return Fields(config).to_toml(); };
  MaskRcnnConfig wanted = options.network.resolved();
  require(written(options.network) == written(none) || written(wanted) == written(own), [&] {
    return options.start + " has another architecture than model and network.* say; leave them out";
  });
  options.network = own;
  return options;
}

Model beginning_of(const TrainOptions& options) {
  if (options.start.empty()) {
    MaskRcnn network(options.network, static_cast<std::uint64_t>(options.seed));
    if (!options.imagenet.empty()) network.load_imagenet(options.imagenet);
    return {ModelInfo{}, std::move(network)};
  }
  const Model model = load_model(options.start);
  NamedTensors own;  // not the file's pages
  for (const auto& [name, tensor] : model.network.weights()) own[name] = tensor.detach().clone();
  return {model.info, MaskRcnn(options.network, std::move(own))};
}

}  // namespace canopy
