// SPDX-License-Identifier: Apache-2.0
#include "tune/measuring.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include "base/error.h"

namespace canopy {

double process_cpu_s() {
  timespec time = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Spread spread_of(std::vector<double> values) {
  check(!values.empty(), "a spread is of something");
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return {(values[(n - 1) / 2] + values[n / 2]) / 2, values.front(), values.back()};
}

std::function<void(const Batch&)> simulated_consumer(double per_s, int batch) {
  const std::chrono::duration<double> takes(per_s > 0 ? batch / per_s : 0);
  return [takes](const Batch&) { std::this_thread::sleep_for(takes); };
}

LoaderRun run_loader(Loader& loader,
                     const std::function<void(const Batch&)>& consume,
                     const std::function<bool(std::int64_t, double)>& is_enough) {
  using Clock = std::chrono::steady_clock;
  const LoaderStats before = loader.stats();
  const double cpu = process_cpu_s();
  const auto start = Clock::now();
  LoaderRun run;
  for (std::int64_t batches = 0; !is_enough(batches, run.seconds); ++batches) {
    const auto asked = Clock::now();
    const Batch batch = loader.next();
    run.waiting_s += std::chrono::duration<double>(Clock::now() - asked).count();
    consume(batch);
    run.samples += batch.planes.size(0);
    run.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  }
  run.bytes = loader.stats().bytes - before.bytes;
  run.cpu_s = process_cpu_s() - cpu;
  return run;
}

}  // namespace canopy
