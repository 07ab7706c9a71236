// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// Tests only: a process of its own for a part of a test.

namespace canopy {

/// Begins a process that does `work`; it ends with 0 when it did, with 7 when it threw.
template <class Work>
pid_t child_that(Work&& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    work();
    ::_exit(0);
  } catch (...) {
    ::_exit(7);
  }
}

/// How it ended, as waitpid tells it.
inline int status_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace canopy
