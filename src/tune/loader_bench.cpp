// SPDX-License-Identifier: Apache-2.0
#include "tune/loader_bench.h"

#include <algorithm>

#include "base/error.h"
#include "base/threads.h"
#include "data/tile_read.h"

namespace canopy {
namespace {

constexpr char kExampleSuffix[] = ".example.gz";

}  // namespace

void LoaderBenchOptions::validate() const {
  require(samples >= 1, "samples must be at least 1");
  require(passes >= 1, "passes must be at least 1");
  require(consumer_per_s >= 0, "consumer-per-s must not be negative");
  loader.validate();
}

CropOptions whole_tiles(const BlobStore& store, const ExampleRef& first, CropOptions crop) {
  const Example example = read_tile(store, first);
  require(example.width == example.height && example.width % 32 == 0, [&] {
    return "tiles of " + std::to_string(example.width) + " x " + std::to_string(example.height) +
           " px: whole tiles are squares, their edge a multiple of 32; pass --crops";
  });
  crop.size_px = example.width;
  crop.crown_px = 0;
  crop.augment = false;
  crop.tree_centred = 0;
  return crop;
}

std::vector<ExampleRef> examples_in(const BlobStore& store) {
  std::vector<ExampleRef> refs;
  store.list("", [&](const std::string& name, std::int64_t bytes) {
    if (!name.ends_with(kExampleSuffix)) return;
    ExampleRef ref;
    ref.tile_id = name.substr(0, name.size() - std::string(kExampleSuffix).size());
    std::erase(ref.tile_id, '/');
    ref.uri = name;
    ref.bytes = bytes;
    ref.split = "train";
    refs.push_back(std::move(ref));
  });
  if (refs.empty()) throw Error(Fault::NotFound, "the store holds no file *.example.gz");
  return refs;
}

LoaderBench bench_loader(const BlobStore& store,
                         const std::vector<ExampleRef>& refs,
                         const LoaderBenchOptions& options,
                         Progress& progress) {
  options.validate();
  require(!refs.empty(), "there is no example to load; check the dataset's query and split");
  LoaderBench bench;
  bench.loader = options.loader;
  if (!options.crops) bench.loader.crop = whole_tiles(store, refs.front(), options.loader.crop);
  if (bench.loader.threads == 0) bench.loader.threads = available_cores();
  if (bench.loader.fetch_threads == 0) bench.loader.fetch_threads = store.reads_in_flight();
  Loader loader(store, refs, sequential_order(std::ssize(refs)), bench.loader, Normalisation(), 1);
  const int batch = bench.loader.batch;
  const std::int64_t batches = (options.samples + batch - 1) / batch;
  const auto consume = simulated_consumer(options.consumer_per_s, batch);
  progress.begin("loader", options.passes + 1, "passes");
  std::vector<double> per_s, per_core_s, waiting;
  for (int pass = 0; pass <= options.passes; ++pass) {
    const LoaderRun run =
        run_loader(loader, consume, [&](std::int64_t n, double) { return n == batches; });
    progress.update(pass + 1);
    if (pass == 0) continue;  // files into the page cache, memory into its pools
    per_s.push_back(run.per_s());
    per_core_s.push_back(run.per_core_s());
    waiting.push_back(run.waiting_share());
    bench.runs.push_back(run);
  }
  progress.end();
  bench.per_s = spread_of(per_s);
  bench.per_core_s = spread_of(per_core_s);
  bench.waiting_share = spread_of(waiting);
  return bench;
}

}  // namespace canopy
