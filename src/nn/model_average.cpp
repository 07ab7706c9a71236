// SPDX-License-Identifier: Apache-2.0
#include "nn/model_average.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "base/error.h"
#include "base/options.h"

namespace canopy {
namespace {

void require_alike(const ModelInfo& first, const ModelInfo& other) {
  const auto require_same = [&](bool is_same, const char* field) {
    require(is_same, [&] {
      return "model '" + other.name + "': its " + field + " differs from that of '" + first.name +
             "'; only models that began with the same weights can be averaged";
    });
  };
  MaskRcnnConfig network = first.config, of_other = other.config;
  require_same(Fields(network).to_json() == Fields(of_other).to_json(), "network");
  require_same(first.bands == other.bands, "list of bands");
  require_same(first.classes == other.classes, "list of classes");
  require_same(first.trained_gsd_m.size() == other.trained_gsd_m.size(),
               "number of ground resolutions");
  const Normalisation &n = first.normalisation, &m = other.normalisation;
  require_same(n.mean == m.mean && n.sd == m.sd && n.reflectance_gain == m.reflectance_gain,
               "normalisation");
}

/// Of the first that knows the ground resolution.
void add_point_scales(ModelInfo& info, const ModelInfo& other) {
  for (const PointScale& scale : other.point_scales)
    if (std::none_of(info.point_scales.begin(), info.point_scales.end(), [&](const auto& known) {
          return known.tile_gsd_m == scale.tile_gsd_m;
        }))
      info.point_scales.push_back(scale);
}

}  // namespace

Model average_of(std::span<const Model> models, std::vector<double> shares) {
  require(models.size() >= 2, "models: an average needs two or more");
  if (shares.empty()) shares.assign(models.size(), 1);
  require(shares.size() == models.size() &&
              std::all_of(shares.begin(), shares.end(), [](double share) { return share > 0; }),
          "shares: give one positive number for each model");
  double sum = 0;
  for (const double share : shares) sum += share;

  ModelInfo info = models[0].info;
  info.model_id = info.run_id = info.dataset_id = "";
  info.metrics = nlohmann::json::object();
  info.averaged_from.clear();
  info.crown_px_median = info.score_threshold = 0;
  info.trained_gsd_m.assign(info.trained_gsd_m.size(), 0);
  NamedTensors mean;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const ModelInfo& one = models[i].info;
    require_alike(models[0].info, one);
    const double share = shares[i] / sum;
    info.averaged_from.push_back(one.model_id);
    info.crown_px_median += share * one.crown_px_median;
    info.score_threshold += share * one.score_threshold;
    for (std::size_t q = 0; q < info.trained_gsd_m.size(); ++q)
      info.trained_gsd_m[q] += share * one.trained_gsd_m[q];
    add_point_scales(info, one);
    for (const auto& [name, tensor] : models[i].network.weights()) {
      const at::Tensor part = tensor.detach().to(at::kDouble).mul(share);
      const auto [place, is_new] = mean.try_emplace(name, part);
      if (!is_new) place->second = place->second + part;
    }
  }
  for (auto& [name, tensor] : mean) tensor = tensor.to(at::kFloat);
  MaskRcnn network(info.config, std::move(mean));
  return {std::move(info), std::move(network)};
}

}  // namespace canopy
