// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"

#include <csignal>

#include <gtest/gtest.h>

namespace canopy {
namespace {

TEST(Interrupt, a_signal_is_seen_by_whoever_asks) {
  install_interrupt_handlers();
  EXPECT_EQ(interrupted(), 0);
  std::raise(SIGTERM);
  EXPECT_EQ(interrupted(), SIGTERM);
  set_interrupted(0);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace
}  // namespace canopy
