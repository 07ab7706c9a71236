// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// A user's query as text, for engines to which it is handed inside another statement (COPY (...),
// UNLOAD ('...')). It is read no further than one must to tell where statements end: comments,
// quoted texts and names, and texts between $tags$. Whether it is right SQL the engine says.

namespace canopy {

/// The query without the semicolon that ends it; a line feed ends it instead, for it may end in a
/// comment. Throws User when it is empty, holds several statements, or a quote that never ends.
std::string one_statement(const std::string& sql);

/// Throws User, pointing at the place, unless each bracket of a condition has its other one in it:
/// what follows the condition is ours.
void require_condition(const std::string& condition);

/// Throws User unless its first word is one that only asks: SELECT, WITH, VALUES or TABLE.
void require_select(const std::string& sql);

}  // namespace canopy
