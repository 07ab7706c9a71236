// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "nn/model_file.h"

// A model soup: the mean of the weights of models that all began with the same ones, such as runs
// of several seeds, or a run and the model that it went on from. Where their losses lie in one
// basin the mean is often better than each of them, and costs no more to run than one of them
// (Wortsman et al. 2022, "Model soups"). Models that did not begin with the same weights have
// nothing in common, and their mean finds nothing; evaluate it before it is used.

namespace canopy {

/// The mean of `models`, at least two, in `shares` (equal when empty; they need not sum to 1). The
/// statistics of frozen norms, the crown's size, the quantiles of ground resolution and the score
/// threshold are means, too; the scales of points are those of all. It has no run and no metrics,
/// and names whose mean it is (ModelInfo::averaged_from). Throws User, naming the model and the
/// field, when network, bands, classes or normalisation differ, or for shares that are not one
/// positive number each.
Model average_of(std::span<const Model> models, std::vector<double> shares = {});

}  // namespace canopy
