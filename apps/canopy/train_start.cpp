// SPDX-License-Identifier: Apache-2.0
#include "train_start.h"

#include "base/error.h"
#include "mosaic_options.h"
#include "share.h"

namespace canopy {

void TrainStart::apply(TrainOptions& options, Context& context) const {
  if (!options.start.empty() || !options.imagenet.empty() || weights == "random") return;
  (void)options.network.resolved();  // a misspelt model is said before what it begins with
  if (weights != "imagenet")
    options.start = std::filesystem::absolute(find_model(weights, context)).string();
  else if (options.network.backbone == "lite")
    options.imagenet = shared_file("weights/efficientnet_lite0.safetensors").string();
  else
    throw Error(Fault::User,
                "weights=imagenet is for lite; " + options.network.backbone +
                    " begins with weights=random, or weights=FILE of 'canopy model import'");
}

}  // namespace canopy
