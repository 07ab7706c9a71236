// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

// What an engine says of a query, as people read it: one line of words, and under it the place.
//
//   Binder Error: Referenced column "gsd" not found in FROM clause! Candidate bindings: "gsd_m"
//   LINE 2: and gsd < 0.1
//               ^
//
// DuckDB and PostgreSQL both write the last two lines so; they cut a long line at its ends.

namespace canopy {

struct EngineWords {
  std::string words;
  int line = 0;           ///< of the query, from 1; 0: no place is known
  std::string excerpt;    ///< of that line
  std::size_t caret = 0;  ///< columns of the excerpt before the place

  /// The three lines, or the one where no place is known.
  std::string text() const;
};

/// Reads what an engine says, on however many lines, hints behind the place included.
EngineWords engine_words(const std::string& message);

/// `words` about the place of `text` that begins at byte `offset`.
EngineWords words_about(std::string words, const std::string& text, std::size_t offset);

/// What an engine says of a query of ours that holds `condition` on lines of its own, behind
/// `lines_before` others and before a bracket, as words about the condition alone.
EngineWords words_about_condition(EngineWords said, const std::string& condition, int lines_before);

}  // namespace canopy
