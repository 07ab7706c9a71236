// SPDX-License-Identifier: Apache-2.0
#include "train/tile_scores.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include <ATen/ATen.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "eval/overlap.h"

namespace canopy {
namespace {

constexpr double kNewest = 0.5;  ///< weight of the newest loss in a tile's mean

std::string text(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.9g", value);
  return digits;
}

template <class T>
at::Tensor column(const std::vector<T>& values) {
  return at::tensor(values, c10::CppTypeToScalarType<T>::value);
}

}  // namespace

void TileScores::see(const Batch& batch,
                     std::span<const double> losses,
                     std::int64_t step,
                     double usual) {
  check(losses.size() == batch.labels.size(), "a loss for each sample");
  std::int64_t epoch = batch.epoch, position = batch.first_position;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const std::int64_t tile = order_->at(epoch, position);
    if (++position == order_->size()) ++epoch, position = 0;
    if (refs_[static_cast<std::size_t>(tile)].tile_id != batch.labels[i].tile_id) continue;
    const double relative = usual > 0 ? losses[i] / usual : 1;
    const auto [found, is_new] = seen_.try_emplace(tile, Seen{0, 0, losses[i], relative});
    Seen& seen = found->second;
    seen.step = step;
    ++seen.times;
    seen.loss += kNewest * (losses[i] - seen.loss);
    seen.relative += kNewest * (relative - seen.relative);
  }
}

NamedTensors TileScores::state() const {
  std::vector<std::int64_t> tile, step, times;
  std::vector<double> loss, relative;
  for (const auto& [index, seen] : seen_) {
    tile.push_back(index);
    step.push_back(seen.step);
    times.push_back(seen.times);
    loss.push_back(seen.loss);
    relative.push_back(seen.relative);
  }
  return {{"tile", column(tile)},
          {"step", column(step)},
          {"times_seen", column(times)},
          {"loss", column(loss)},
          {"relative", column(relative)}};
}

void TileScores::restore(const NamedTensors& state) {
  seen_.clear();
  if (state.empty()) return;  // of a run that an earlier version began
  const auto whole = [&](const char* name) {
    return state.at(name).const_data_ptr<std::int64_t>();
  };
  const auto number = [&](const char* name) { return state.at(name).const_data_ptr<double>(); };
  for (std::int64_t i = 0; i < state.at("tile").numel(); ++i)
    seen_[whole("tile")[i]] = {
        whole("step")[i], whole("times_seen")[i], number("loss")[i], number("relative")[i]};
}

void TileScores::write(const std::filesystem::path& path,
                       std::span<const Scene> scenes,
                       double threshold,
                       std::int64_t step) const {
  std::map<std::string, MaskIou> looked_at;
  for (const Scene& scene : scenes)
    if (const auto iou = mask_iou_of(scene, threshold)) looked_at[scene.name] = *iou;
  const auto cells = [](const MaskIou& iou) { return text(iou.mean) + "," + text(iou.std); };
  std::string csv = "tile_id,step,loss,mask_iou_mean,mask_iou_std,difficulty,times_seen\n";
  for (const auto& [index, seen] : seen_) {
    const std::string& id = refs_[static_cast<std::size_t>(index)].tile_id;
    const auto found = looked_at.find(id);
    csv += id + "," + std::to_string(seen.step) + "," + text(seen.loss) + "," +
           (found == looked_at.end() ? "," : cells(found->second)) + "," +
           text(seen.relative / (1 + seen.relative)) + "," + std::to_string(seen.times) + "\n";
    if (found != looked_at.end()) looked_at.erase(found);
  }
  for (const auto& [id, iou] : looked_at)
    csv += id + "," + std::to_string(step) + ",," + cells(iou) + ",,0\n";
  write_file(path, csv);
}

std::optional<MaskIou> mask_iou_of(const Scene& scene, double threshold) {
  std::vector<int> found;
  for (std::size_t i = 0; i < scene.found.size(); ++i)
    if (scene.found[i].score >= threshold) found.push_back(static_cast<int>(i));
  const OverlapLists lists =
      overlaps(scene, found, {.kind = Overlap::Mask, .any_category = true, .least_iou = 0});
  std::vector<double> best(scene.truth.size(), 0);
  for (std::size_t i = 0; i < lists.size(); ++i)
    for (const OverlapPair& pair : lists[i]) {
      double& own = best[static_cast<std::size_t>(pair.truth)];
      own = std::max(own, pair.iou);
    }
  double count = 0, sum = 0, squares = 0;
  for (std::size_t i = 0; i < best.size(); ++i) {
    if (scene.truth[i].is_crowd || scene.truth[i].mask.counts.empty()) continue;
    ++count, sum += best[i], squares += best[i] * best[i];
  }
  if (count == 0) return std::nullopt;
  const double mean = sum / count;
  return MaskIou{mean, std::sqrt(std::max(0.0, squares / count - mean * mean))};
}

}  // namespace canopy
