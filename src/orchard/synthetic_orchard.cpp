// SPDX-License-Identifier: Apache-2.0
#include "orchard/synthetic_orchard.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/nearest.h"
#include "orchard/orchard_truth.h"
#include "orchard/scene.h"

namespace canopy {

void SyntheticOptions::validate() const {
  constexpr double kLeastM = 20, kMostM = 20000, kFinestM = 0.01, kCoarsestM = 1;
  const auto& names = synthetic_presets();
  require(std::ranges::find(names, preset) != names.end(), [&] {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return "unknown preset '" + preset + "'" + suggestion(preset, names) + " (" + all + ")";
  });
  const auto within = [](const char* key, double value, double least, double most) {
    require(value >= least && value <= most, [&] {
      std::ostringstream text;
      text << key << " is " << value << "; give " << least << " to " << most << " metres";
      return text.str();
    });
  };
  within("width-m", width_m, kLeastM, kMostM);
  within("height-m", height_m, kLeastM, kMostM);
  within("gsd", gsd_m, kFinestM, kCoarsestM);
}

SyntheticOrchard::SyntheticOrchard(SyntheticOptions options)
    : options_(std::move(options)), scene_(std::make_shared<const OrchardScene>(options_)) {}

int SyntheticOrchard::width_px() const {
  return static_cast<int>(std::lround(options_.width_m / options_.gsd_m));
}
int SyntheticOrchard::height_px() const {
  return static_cast<int>(std::lround(options_.height_m / options_.gsd_m));
}

const std::vector<SyntheticTree>& SyntheticOrchard::trees() const {
  return scene_->planting().trees;
}
const std::vector<Gap>& SyntheticOrchard::gaps() const { return scene_->planting().gaps; }
const std::vector<Block>& SyntheticOrchard::blocks() const { return scene_->planting().blocks; }

SyntheticTile SyntheticOrchard::render(const Window& window) const {
  return scene_->render(window);
}

Survey SyntheticOrchard::truth(const std::string& crs, const Point& origin) const {
  return measure_truth(*this, crs, origin);
}

}  // namespace canopy
