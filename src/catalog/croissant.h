// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace canopy {

/// The Croissant 1.0 description (https://docs.mlcommons.org/croissant/docs/croissant-spec.html) of
/// a dataset with this dataset.json: its Parquet parts and their columns, so that ML tools can read
/// it without knowing canopy.
nlohmann::ordered_json croissant_of(const nlohmann::ordered_json& manifest);

}  // namespace canopy
