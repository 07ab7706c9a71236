// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/error.h"
#include "base/threads.h"
#include "store/blob_store.h"
#include "verbs.h"

namespace canopy {
namespace {

struct BenchReadsState {
  std::string url;
  int reads = 200, in_flight = 0;
  template <class F>
  void describe(F& field) {
    field("url", url, "A folder or s3://bucket/prefix; left out: the workspace's store.");
    field("reads", reads, "How many reads are timed with one in flight; with more, as many more.");
    field("in-flight", in_flight, "The most reads at once; 0: as many as training has.");
  }
  void validate() const {
    require(reads >= 1, "reads must be at least 1");
    require(in_flight >= 0 && in_flight <= 1024, "in-flight must lie between 0 and 1,024");
  }
};

/// The first `count` tiles; of a store without tiles whatever is there.
std::vector<std::string> names_in(const BlobStore& store, std::size_t count) {
  struct Enough {};
  std::vector<std::string> tiles, others;
  try {
    store.list("", [&](const std::string& name, std::int64_t) {
      (name.ends_with(".example.gz") ? tiles : others).push_back(name);
      if (tiles.size() == count) throw Enough();
    });
  } catch (const Enough&) {
  }
  const std::vector<std::string>& names = tiles.empty() ? others : tiles;
  require(!names.empty(), "the store is empty; ingest something first");
  return names;
}

struct Rate {
  double seconds = 0;
  std::int64_t reads = 0, bytes = 0;
};

Rate read_all(const BlobStore& store,
              const std::vector<std::string>& names,
              std::int64_t reads,
              int in_flight) {
  std::atomic<std::int64_t> bytes = 0;
  const auto started = std::chrono::steady_clock::now();
  parallel_for(reads, in_flight, [&](std::int64_t i) {
    bytes += std::ssize(store.get(names[static_cast<std::size_t>(i) % names.size()]));
  });
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
  return {taken.count(), reads, bytes};
}

int bench_reads(const BenchReadsState& state, Context& context) {
  state.validate();
  std::string url = state.url;
  if (url.empty()) {
    const Workspace workspace = context.workspace();
    url = workspace.address_of(workspace.config().store_url);
  }
  const auto store = open_blob_store(url);
  const std::vector<std::string> names = names_in(*store, 1000);
  const int most = state.in_flight > 0 ? state.in_flight : store->reads_in_flight();
  read_all(*store, names, most, most);  // connections are made, caches are filled
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  double alone = 0;
  for (int n = 1;; n = std::min(2 * n, most)) {
    const Rate rate = read_all(*store, names, std::int64_t{state.reads} * n, n);
    const double per_second = static_cast<double>(rate.reads) / rate.seconds;
    if (n == 1) alone = per_second;
    rows.push_back({{"in_flight", n},
                    {"reads_per_second", per_second},
                    {"megabytes_per_second", static_cast<double>(rate.bytes) / rate.seconds / 1e6},
                    {"times_one", per_second / alone}});
    if (!context.json)
      std::printf("%4d in flight   %10.1f reads/s   %8.1f MB/s   %6.1f times one\n",
                  n,
                  per_second,
                  static_cast<double>(rate.bytes) / rate.seconds / 1e6,
                  per_second / alone);
    if (n >= most) break;
  }
  if (context.json)
    std::printf("%s\n", nlohmann::ordered_json{{"store", url}, {"rows", rows}}.dump(2).c_str());
  return kDone;
}

}  // namespace

Command verb_bench_reads() {
  auto state = std::make_shared<BenchReadsState>();
  Command command("bench reads", "How fast a store gives tiles, with one and with many in flight");
  command.options(*state)
      .example("canopy bench reads --url s3://farm-data/examples")
      .run([state](Context& context) { return bench_reads(*state, context); });
  return command;
}

}  // namespace canopy
