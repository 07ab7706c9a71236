// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "command.h"

// A command's arguments without a parser library: `--name value`, `--name=value`, `--flag`,
// `-o PATH`, `--config FILE`, and words (positionals, name=value) as everywhere.

namespace canopy {

/// Hands the arguments to the command. Throws User for an unknown option, with the nearest, for one
/// without its value, and for whatever Command::take_words refuses.
void take_arguments(Command& command, std::vector<std::string> arguments);

/// What --help prints.
std::string help_of(const Command& command);

}  // namespace canopy
