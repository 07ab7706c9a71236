// SPDX-License-Identifier: Apache-2.0
#include "tune/ladder.h"

#include <malloc.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "base/error.h"
#include "base/threads.h"
#include "nn/device.h"
#include "train/training_tiles.h"
#include "tune/loader_bench.h"
#include "tune/naive_loader.h"
#include "tune/training_rig.h"

namespace canopy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWarmUp = 2;      ///< batches
constexpr double kWaits = 0.1;  ///< a share of waiting that counts

/// The two halves of a rung.
struct Stand {
  std::function<Batch()> next;
  std::function<void(const Batch&)> consume;
};

Stand with_dense_masks(const Stand& inner) {
  const auto masks = std::make_shared<std::vector<at::Tensor>>();
  const auto next = [inner, masks] {
    Batch batch = inner.next();
    masks->clear();
    for (std::size_t i = 0; i < batch.labels.size(); ++i)
      masks->push_back(
          dense_masks(batch.id_maps[static_cast<std::int64_t>(i)], batch.labels[i].object_ids));
    return batch;
  };
  const auto consume = [inner, masks](const Batch& batch) {
    std::vector<at::Tensor> maps;
    for (std::size_t i = 0; i < masks->size(); ++i)
      maps.push_back(id_map_of(masks->at(i), batch.labels[i].object_ids));
    Batch whole = batch;
    whole.id_maps = at::stack(maps);
    inner.consume(whole);
  };
  return {next, consume};
}

/// Peak memory from here on. The kernel keeps it for us (proc(5), clear_refs).
void forget_peak() {
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

std::int64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  return peak_resident_bytes();
}

std::string limit_of(const Rung& rung, const std::string& consumer) {
  if (rung.waiting_share < kWaits) return consumer;
  return rung.how.is_ahead ? "the loader's threads" : "batches made between steps";
}

/// Runs of one rung, gathered.
struct Gathered {
  std::vector<double> per_s, step_s, waiting, cpu;
};

void run_once(const Stand& stand, double seconds, Rung& rung, Gathered& into) {
  for (int i = 0; i < kWarmUp; ++i) stand.consume(stand.next());
  const double cpu = process_cpu_s();
  const auto start = Clock::now();
  const auto since = [](Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  };
  double waiting = 0;
  std::int64_t samples = 0, batches = 0;
  for (; batches < 2 || since(start) < seconds; ++batches) {
    const auto asked = Clock::now();
    const Batch batch = stand.next();
    waiting += since(asked);
    stand.consume(batch);
    samples += batch.planes.size(0);
  }
  const double wall = since(start);
  into.per_s.push_back(static_cast<double>(samples) / wall);
  into.step_s.push_back(wall / static_cast<double>(batches));
  into.waiting.push_back(waiting / wall);
  into.cpu.push_back((process_cpu_s() - cpu) / wall / available_cores());
  rung.peak_bytes = std::max(rung.peak_bytes, peak_bytes());
}

/// Runs every rung as often as asked for, in turns: what else happens on the machine strikes all.
std::vector<Rung> climb(
    std::vector<Rung> rungs,
    const std::function<void(const RungSettings&, const std::function<void(const Stand&)>&)>& with,
    const std::string& consumer,
    double usd_per_hour,
    const LadderOptions& options,
    Progress& progress) {
  options.validate();
  std::vector<Gathered> gathered(rungs.size());
  progress.begin("ladder", std::ssize(rungs) * options.repeats, "runs");
  std::int64_t done = 0;
  for (int repeat = 0; repeat < options.repeats; ++repeat)
    for (std::size_t i = 0; i < rungs.size(); ++i) {
      forget_peak();
      with(rungs[i].how, [&](const Stand& stand) {
        run_once(rungs[i].how.dense_masks ? with_dense_masks(stand) : stand,
                 options.seconds,
                 rungs[i],
                 gathered[i]);
      });
      progress.update(++done, rungs[i].name);
    }
  progress.end();
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    rungs[i].per_s = spread_of(gathered[i].per_s);
    rungs[i].step_s = spread_of(gathered[i].step_s).median;
    rungs[i].waiting_share = spread_of(gathered[i].waiting).median;
    rungs[i].cpu_share = spread_of(gathered[i].cpu).median;
    rungs[i].usd_per_million = usd_per_hour / 3600 * 1e6 / rungs[i].per_s.median;
    rungs[i].limit = limit_of(rungs[i], consumer);
  }
  return rungs;
}

LoaderOptions with_setting(LoaderOptions loader, const LoaderSetting& setting) {
  loader.fetch_threads = setting.fetch_threads;
  loader.threads = setting.loader_threads;
  loader.prefetch = setting.prefetch;
  return loader;
}

/// The rungs that both ladders share, from the naive one up.
std::vector<Rung> first_rungs(int cores) {
  RungSettings how;
  how.setting = {1, 1, 4, cores};
  std::vector<Rung> rungs;
  rungs.push_back({.name = "naive",
                   .change = "zlib, a general parser, a mask for each crown, no thread but the one "
                             "that computes, LibTorch's operators on [N, C, H, W], fp32",
                   .how = how});
  how.naive_decoding = false;
  rungs.push_back({.name = "own decoding",
                   .change = "libdeflate and a reader of examples that copies nothing",
                   .how = how});
  how.dense_masks = false;
  rungs.push_back(
      {.name = "id maps", .change = "one map of ids instead of a mask for each crown", .how = how});
  how.is_ahead = true;
  rungs.push_back(
      {.name = "ahead", .change = "a thread that makes batches ahead of their use", .how = how});
  return rungs;
}

}  // namespace

void LadderOptions::validate() const {
  require(seconds > 0, "seconds must be positive");
  require(repeats >= 1, "repeats must be at least 1");
  require(consumer_per_s > 0, "consumer-per-s must be positive");
}

std::vector<Rung> training_ladder(const TrainingData& data,
                                  const TrainOptions& training,
                                  const LoaderSetting& tuned,
                                  const LadderOptions& options,
                                  Progress& progress) {
  std::vector<Rung> rungs = first_rungs(available_cores());
  RungSettings how = rungs.back().how;
  how.layers.channels_last = true;
  rungs.push_back({.name = "channels last",
                   .change = "maps of [N, H, W, C] in memory, from the first layer on",
                   .how = how});
  how.layers.folded_norms = true;
  rungs.push_back({.name = "folded norms",
                   .change = "frozen batch norms within their convolutions",
                   .how = how});
  how.own_kernels = true;
  rungs.push_back({.name = "own kernels",
                   .change = "pooling, suppression, patches and products by kernels of our own",
                   .how = how});
  how.setting = tuned;
  rungs.push_back({.name = "tuned", .change = "threads and window of tune loader", .how = how});
  how.precision = "bf16";
  rungs.push_back({.name = "bf16", .change = "16 bits where they are safe", .how = how});
  const auto with = [&](const RungSettings& rung, const std::function<void(const Stand&)>& run) {
    TrainOptions chosen = training;
    chosen.precision = rung.precision;
    chosen.threads = rung.setting.threads;
    TrainingRig rig(data, chosen);
    const LoaderOptions loader = with_setting(rig.options().loader, rung.setting);
    const auto consume = [&](const Batch& batch) {
      std::optional<WithoutKernels> none;
      if (!rung.own_kernels) none.emplace();
      const WithLayerStyle style(rung.layers);
      rig.step(batch);
    };
    if (rung.is_ahead) {
      const auto ahead = rig.open_loader(loader);
      return run({[&] { return ahead->next(); }, consume});
    }
    NaiveLoader naive(*data.store,
                      rig.tiles(),
                      training_order(rig.tiles(), chosen.seed),
                      {rung.naive_decoding, loader},
                      rig.normalisation(),
                      static_cast<std::uint64_t>(chosen.seed));
    run({[&] { return naive.next(); }, consume});
  };
  return climb(std::move(rungs), with, "the network", training.usd_per_hour, options, progress);
}

std::vector<Rung> loader_ladder(const TrainingData& data,
                                const TrainOptions& training,
                                const LoaderSetting& tuned,
                                const LadderOptions& options,
                                Progress& progress) {
  std::vector<Rung> rungs = first_rungs(available_cores());
  RungSettings how = rungs.back().how;
  how.setting = tuned;
  how.setting.loader_threads = available_cores();  // its consumer needs none
  rungs.push_back(
      {.name = "all cores", .change = "a thread for each core, reads in flight", .how = how});
  require(!data.refs.empty(), "there is no example to load; check the dataset's query and split");
  LoaderOptions whole = training.loader;
  whole.crop = whole_tiles(*data.store, data.refs.front(), whole.crop);
  const auto with = [&](const RungSettings& rung, const std::function<void(const Stand&)>& run) {
    at::set_num_threads(rung.setting.threads);
    const LoaderOptions loader = with_setting(whole, rung.setting);
    const auto consume = simulated_consumer(options.consumer_per_s, loader.batch);
    const std::shared_ptr<const Order> order = sequential_order(std::ssize(data.refs));
    if (rung.is_ahead) {
      Loader ahead(*data.store, data.refs, order, loader, Normalisation(), 1);
      return run({[&] { return ahead.next(); }, consume});
    }
    NaiveLoader naive(
        *data.store, data.refs, order, {rung.naive_decoding, loader}, Normalisation(), 1);
    run({[&] { return naive.next(); }, consume});
  };
  return climb(
      std::move(rungs), with, "the simulated consumer", training.usd_per_hour, options, progress);
}

}  // namespace canopy
