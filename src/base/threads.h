// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace canopy {

/// How many threads this process may run at once: the CPU affinity mask and, in a container, the
/// cgroup's quota.
int available_cores();

/// Calls `work(i)` for every i in [0, count), on up to `threads` threads, each i once, in no
/// particular order. The first exception stops the handing out of further work and is thrown here
/// once all threads have left.
void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t)>& work);

/// Names the calling thread in debuggers, profilers and traces (at most 15 characters are kept).
void name_this_thread(const std::string& name);

/// The largest resident set that this process has had, in bytes.
std::int64_t peak_resident_bytes();

}  // namespace canopy
