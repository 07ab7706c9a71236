// SPDX-License-Identifier: Apache-2.0
#include "tune/headspace.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "base/error.h"
#include "base/threads.h"
#include "tune/measuring.h"

namespace canopy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kNoWaiting = 0.02;  ///< a share of waiting that is none
constexpr int kMostFetchThreads = 64;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Repeats `once`, which handles a batch, for at least `seconds` and twice. Samples a second.
double rate(double seconds, int batch, Progress& progress, const std::function<void()>& once) {
  const auto start = Clock::now();
  std::int64_t batches = 0;
  while (batches < 2 || seconds_since(start) < seconds) {
    once();
    progress.update(++batches);
  }
  return static_cast<double>(batches * batch) / seconds_since(start);
}

void stage_rates(const LoaderStats& stats, const LoaderOptions& options, Headspace& space) {
  const auto samples = static_cast<double>(std::max<std::int64_t>(1, stats.samples));
  space.fetch = {stats.fetch_s / samples, options.fetch_threads, 0};
  space.decode = {stats.cpu_s / samples,
                  options.threads > 0 ? options.threads : std::max(1, space.cores - 1),
                  0};
  const auto capacity = [](double threads, double seconds_a_sample) {
    return threads / std::max(1e-9, seconds_a_sample);
  };
  space.fetch.per_s = capacity(space.fetch.threads, space.fetch.seconds_a_sample);
  space.decode.per_s =
      capacity(std::min(space.decode.threads, space.cores), space.decode.seconds_a_sample);
}

std::string text_of(const char* format, auto... values) {
  char text[320];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string threads_instead(const char* stage, int now, int then) {
  return text_of("%d %s thread%s instead of %d", then, stage, then == 1 ? "" : "s", now);
}

}  // namespace

void HeadspaceOptions::validate() const {
  require(seconds > 0, "seconds must be positive");
  require(ready_batches >= 1, "ready-batches must be at least 1");
}

const char* name_of(Bottleneck bottleneck) {
  switch (bottleneck) {
    case Bottleneck::Model:
      return "model";
    case Bottleneck::Fetch:
      return "fetch";
    case Bottleneck::Decode:
      return "decode";
    case Bottleneck::Cores:
      return "cores";
  }
  throw Error(Fault::Bug, "a bottleneck without a name");
}

void judge(Headspace& space) {
  space.fetch_threads = space.fetch.threads;
  space.decode_threads = space.decode.threads;
  space.expected_per_s = space.together_per_s;
  const std::string rates = text_of(
      "the loader gives %.1f/s, the model could eat %.1f/s", space.loader_per_s, space.model_per_s);
  if (space.waiting_share < kNoWaiting) {
    space.bottleneck = Bottleneck::Model;
    space.verdict = "the model is the limit, it never waits: " + rates +
                    "; try another precision, a smaller network or a faster device";
    return;
  }
  const double wanted = space.model_per_s;
  if (space.fetch.per_s < space.decode.per_s && space.fetch.per_s < wanted) {
    space.bottleneck = Bottleneck::Fetch;
    space.fetch_threads =
        std::clamp(static_cast<int>(std::ceil(1.2 * wanted * space.fetch.seconds_a_sample)),
                   space.fetch.threads + 1,
                   std::max(kMostFetchThreads, space.fetch.threads + 1));
    const double reading = space.fetch_threads / space.fetch.seconds_a_sample;
    space.expected_per_s = std::min({wanted, reading, space.decode.per_s});
    space.verdict = rates + ": " +
                    threads_instead("fetch", space.fetch.threads, space.fetch_threads) +
                    " (fetch-threads)";
  } else {
    const int needed = static_cast<int>(std::ceil(wanted * space.decode.seconds_a_sample));
    const int most = std::max(space.decode.threads, space.cores);
    const bool has_room = space.decode.threads < space.cores && space.decode.per_s < wanted;
    space.bottleneck = has_room ? Bottleneck::Decode : Bottleneck::Cores;
    if (!has_room) {
      space.verdict =
          rates + text_of(
                      ", and together only %.1f/s: all %d cores are busy (%.0f %%); decoding "
                      "takes %.1f ms of a core a sample: give it more cores, or cache crops",
                      space.together_per_s,
                      space.cores,
                      100 * space.cpu_share,
                      1e3 * space.decode.seconds_a_sample);
      return;
    }
    space.decode_threads = std::clamp(needed, space.decode.threads + 1, most);
    const double decoding = space.decode_threads / space.decode.seconds_a_sample;
    space.expected_per_s = std::min({wanted, decoding, space.fetch.per_s});
    space.verdict = rates + ": " +
                    threads_instead("decode", space.decode.threads, space.decode_threads) +
                    " (loader-threads)";
  }
  space.verdict += text_of("; estimated %+.0f %%",
                           100 * (space.expected_per_s / std::max(1e-9, space.together_per_s) - 1));
}

Headspace measure_headspace(const std::function<std::unique_ptr<Loader>()>& open,
                            const std::function<void(const Batch&)>& model,
                            const LoaderOptions& loader_options,
                            const HeadspaceOptions& options,
                            Progress& progress) {
  options.validate();
  Headspace space;
  space.cores = available_cores();
  std::vector<Batch> ready;
  {
    const std::unique_ptr<Loader> loader = open();
    while (std::ssize(ready) < options.ready_batches) ready.push_back(loader->next());
  }
  progress.begin("model", 0, "batches");
  for (const Batch& batch : ready) model(batch);  // warm-up: memory, kernels
  std::size_t turn = 0;
  space.model_per_s = rate(options.seconds, loader_options.batch, progress, [&] {
    model(ready[turn++ % ready.size()]);
  });
  progress.end();
  ready.clear();

  progress.begin("loader", 0, "batches");
  {
    const std::unique_ptr<Loader> loader = open();
    loader->next();
    space.loader_per_s =
        rate(options.seconds, loader_options.batch, progress, [&] { loader->next(); });
    stage_rates(loader->stats(), loader_options, space);
  }
  progress.end();

  progress.begin("together", 0, "batches");
  const std::unique_ptr<Loader> loader = open();
  for (int i = 0; i < loader_options.prefetch; ++i) model(loader->next());
  const LoaderStats before = loader->stats();
  const double cpu = process_cpu_s();
  const auto start = Clock::now();
  space.together_per_s =
      rate(options.seconds, loader_options.batch, progress, [&] { model(loader->next()); });
  const double wall = seconds_since(start);
  const LoaderStats after = loader->stats();
  progress.end();
  space.waiting_share = (after.waiting_s - before.waiting_s) / wall;
  space.bytes_per_s = static_cast<double>(after.bytes - before.bytes) / wall;
  space.cpu_share = (process_cpu_s() - cpu) / wall / space.cores;
  judge(space);
  return space;
}

}  // namespace canopy
