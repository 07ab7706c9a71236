// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ctrl-C and SIGTERM ask a long piece of work to stop at its next safe point. The program installs
// the handlers once; loops ask `interrupted()` between units of work and leave with what they have
// on disk. A second Ctrl-C ends at once.

namespace canopy {

/// Handles SIGINT and SIGTERM from now on. Called by the program, not by libraries.
void install_interrupt_handlers();
/// The signal that asked us to stop, or 0.
int interrupted();
/// Sets or clears the request; what the handler does, for tests and for embedding.
void set_interrupted(int signal);

}  // namespace canopy
