// SPDX-License-Identifier: Apache-2.0
#include "tune/step_bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "base/error.h"
#include "base/random.h"
#include "base/threads.h"
#include "train/step.h"
#include "tune/measuring.h"

namespace canopy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLeastRadius = 8, kMostRadius = 24;
constexpr double kLearningRate =
    1e-9;  ///< the weights stay random, and so the work of every step the same

/// Draws a disc of id `id` over whatever lies there.
void draw_disc(at::Tensor& ids, at::Tensor& planes, std::int32_t id, Random& random) {
  const std::int64_t size = ids.size(0);
  const double r = random.uniform(kLeastRadius, kMostRadius);
  const double cx = random.uniform(0, static_cast<double>(size)),
               cy = random.uniform(0, static_cast<double>(size));
  auto map = ids.accessor<std::int32_t, 2>();
  auto pixels = planes.accessor<float, 3>();
  for (std::int64_t y = std::max<std::int64_t>(0, std::llround(cy - r));
       y < size && static_cast<double>(y) < cy + r;
       ++y)
    for (std::int64_t x = std::max<std::int64_t>(0, std::llround(cx - r));
         x < size && static_cast<double>(x) < cx + r;
         ++x) {
      if (std::hypot(static_cast<double>(x) - cx, static_cast<double>(y) - cy) >= r) continue;
      map[y][x] = id;
      for (std::int64_t band = 0; band < pixels.size(0); ++band) pixels[band][y][x] += 1;
    }
}

/// The labels of an id map with ids 1 to `count`, of which some may be hidden.
SampleLabels labels_of(const at::Tensor& ids, int count) {
  std::vector<float> boxes;
  std::vector<std::int64_t> numbers;
  for (int id = 1; id <= count; ++id) {
    const at::Tensor where = at::nonzero(ids.eq(id));
    if (where.size(0) == 0) continue;
    const at::Tensor low = std::get<0>(where.min(0)), high = std::get<0>(where.max(0)) + 1;
    for (const at::Tensor& corner : {low[1], low[0], high[1], high[0]})
      boxes.push_back(corner.item<float>());
    numbers.push_back(id);
  }
  SampleLabels labels;
  const auto n = static_cast<std::int64_t>(numbers.size());
  labels.kind = "mask";
  labels.boxes = at::tensor(boxes, at::kFloat).view({n, 4});
  labels.classes = at::ones({n}, at::kLong);
  labels.object_ids = at::tensor(numbers, at::kLong);
  return labels;
}

StepTimes time_calls(const std::string& task,
                     const StepBenchOptions& options,
                     const std::function<void()>& call) {
  StepTimes times;
  times.task = task;
  for (int i = 0; i < options.warm_up; ++i) call();
  for (int i = 0; i < options.repeat; ++i) {
    const auto start = Clock::now();
    call();
    times.seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  const Spread spread = spread_of(times.seconds);
  times.min_s = spread.low;
  times.median_s = spread.median;
  if (options.profile) {
    const OpProfile profile;
    call();
    times.by_operation = profile.times();
    times.flop = profile.flop();
  }
  return times;
}

MaskRcnnConfig with_classes(MaskRcnnConfig config, const StepBenchOptions& options) {
  options.validate();
  at::set_num_threads(options.threads > 0 ? options.threads : available_cores());
  config.classes = options.classes;
  return config;
}

}  // namespace

void StepBenchOptions::validate() const {
  const auto at_least = [](const char* name, int value, int least) {
    require(value >= least, [&] {
      return std::string(name) + " must be at least " + std::to_string(least) + ", not " +
             std::to_string(value);
    });
  };
  at_least("size-px", size_px, 32);
  require(size_px % 32 == 0, "size-px must be a multiple of 32, not " + std::to_string(size_px));
  at_least("batch", batch, 1);
  at_least("instances", instances, 1);
  at_least("classes", classes, 2);
  at_least("threads", threads, 0);
  at_least("warm-up", warm_up, 0);
  at_least("repeat", repeat, 1);
  compute.validate();
}

Batch bench_batch(const StepBenchOptions& options, int bands, std::uint64_t seed) {
  Batch batch;
  std::vector<at::Tensor> planes, maps;
  for (int n = 0; n < options.batch; ++n) {
    Random random(seed, static_cast<std::uint64_t>(n));
    at::Tensor ids = at::zeros({options.size_px, options.size_px}, at::kInt);
    at::Tensor picture = at::empty({bands, options.size_px, options.size_px});
    float* values = picture.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < picture.numel(); ++i)
      values[i] = static_cast<float>(random.normal(-0.5, 0.3));
    for (int id = 1; id <= options.instances; ++id) draw_disc(ids, picture, id, random);
    batch.labels.push_back(labels_of(ids, options.instances));
    planes.push_back(picture);
    maps.push_back(ids);
  }
  batch.planes = at::stack(planes);
  batch.id_maps = at::stack(maps);
  batch.ignore = at::zeros(batch.id_maps.sizes(), at::kBool);
  return batch;
}

StepTimes bench_train_step(const MaskRcnnConfig& config, const StepBenchOptions& options) {
  const MaskRcnn network =
      MaskRcnn(with_classes(config, options), 1).on(device_of(options.compute.device));
  const Batch batch = bench_batch(options, network.config().bands, 1);
  AdamW optimiser(network.weights(), network.trainable(), {});
  TrainOptions training;
  StepPrecision precision{precision_of(options.compute.precision)};
  std::uint64_t step = 0;
  return time_calls("train", options, [&] {
    const StepOutcome outcome =
        train_step(network, batch, training, kLearningRate, ++step, optimiser, precision);
    check(!outcome.was_skipped || outcome.has_overflowed, "a step of the bench has finite losses");
  });
}

StepTimes bench_detect(const MaskRcnnConfig& config, const StepBenchOptions& options) {
  const MaskRcnn network =
      MaskRcnn(with_classes(config, options), 1).on(device_of(options.compute.device));
  const Batch batch = bench_batch(options, network.config().bands, 1);
  std::int64_t found = 0;
  StepTimes times = time_calls("detect", options, [&] {
    found = 0;
    const PrecisionScope scope(precision_of(options.compute.precision));
    for (const Instances& one : network.detect(batch.planes)) found += one.boxes.size(0);
  });
  times.detections = static_cast<double>(found) / options.batch;
  return times;
}

}  // namespace canopy
