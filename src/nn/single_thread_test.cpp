// SPDX-License-Identifier: Apache-2.0
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace canopy {
namespace {

/// Test programs run beside each other; threads of OpenMP that wait actively for a core somebody
/// else has are slower than one thread.
struct SingleThread : testing::Environment {
  void SetUp() override { at::set_num_threads(1); }
};
const testing::Environment* const kSingleThread =
    testing::AddGlobalTestEnvironment(new SingleThread);

}  // namespace
}  // namespace canopy
