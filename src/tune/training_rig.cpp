// SPDX-License-Identifier: Apache-2.0
#include "tune/training_rig.h"

#include <ATen/Parallel.h>

#include "base/error.h"
#include "base/threads.h"
#include "nn/device.h"
#include "train/auto_precision.h"
#include "train/beginning.h"
#include "train/training_tiles.h"

namespace canopy {
namespace {

/// With the number of threads that the loader would choose, where they leave that to it.
TrainOptions checked(const TrainOptions& options, const BlobStore& store) {
  options.validate();
  TrainOptions chosen = with_architecture(options);
  if (chosen.loader.fetch_threads == 0) chosen.loader.fetch_threads = store.reads_in_flight();
  return chosen;
}

}  // namespace

TrainingRig::TrainingRig(const TrainingData& data, const TrainOptions& options)
    : data_(data),
      options_(checked(options, *data.store)),
      tiles_(labelled_tiles(data.refs, "train")),
      network_([&] {
        Model beginning = beginning_of(options_);
        normalisation_ = beginning.info.normalisation;
        return beginning.network.on(device_of(options_.device));
      }()),
      optimiser_(
          network_.weights(), network_.trainable(), {.weight_decay = options_.weight_decay}) {
  require(!tiles_.empty(), "the dataset has no labelled tile in its split 'train'");
  at::set_num_threads(options_.threads > 0 ? options_.threads : available_cores());
  if (options_.precision != "auto") precision_.precision = precision_of(options_.precision);
}

std::unique_ptr<Loader> TrainingRig::open_loader(const LoaderOptions& loader) const {
  return std::make_unique<Loader>(*data_.store,
                                  tiles_,
                                  training_order(tiles_, options_.seed),
                                  loader,
                                  normalisation_,
                                  static_cast<std::uint64_t>(options_.seed));
}

void TrainingRig::step(const Batch& batch) {
  if (steps_ == 0 && options_.precision == "auto")
    precision_.precision = measure_precision(network_, batch);
  train_step(network_, batch, options_, options_.lr, ++steps_, optimiser_, precision_);
}

}  // namespace canopy
