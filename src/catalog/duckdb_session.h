// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/result_table.h"

// DuckDB as the catalog uses it: an engine in memory that lives for one question. The C API is seen
// by the .cpp alone.

namespace canopy {

struct SessionSettings {
  int threads = 0;             ///< 0: all cores that this process may use
  std::int64_t memory_mb = 0;  ///< 0: the engine's own limit, 80 % of the machine
  double timeout_s =
      0;  ///< of each statement; 0: none. Ctrl-C (base/interrupt.h) stops a statement too
  /// Where sorts larger than memory go; the engine makes and empties it. Empty: nothing is spilled.
  std::filesystem::path spill_folder = {};
};

/// One database in memory and one connection to it. For one thread at a time.
class DuckdbSession {
 public:
  explicit DuckdbSession(const SessionSettings& settings = {});
  ~DuckdbSession();
  DuckdbSession(const DuckdbSession&) = delete;
  DuckdbSession& operator=(const DuckdbSession&) = delete;

  /// The engine's version: "v1.5.5".
  static std::string version();

  /// From now on only these files can be read or written, nothing can be loaded, and no setting
  /// changes.
  void lock_down(const std::vector<std::filesystem::path>& files);

  /// Runs statements of our own.
  void execute(const std::string& sql);

  /// Throws User unless `sql` is one SELECT (or VALUES, FROM, DESCRIBE, SUMMARIZE) that fits the
  /// tables: the engine's message names the place in the text and near names. Returns the columns
  /// of the answer.
  std::vector<ResultTable::Column> check_select(const std::string& sql);
  /// The answer to one such statement, at most `max_rows` (0: all).
  ResultTable query(const std::string& sql, std::int64_t max_rows = 0);
  /// The same, row by row, without holding the answer. `visit` returns false to stop; without a
  /// `visit` the query only runs, for what may go wrong in it.
  void for_each_row(const std::string& sql,
                    const std::function<bool(const std::vector<Cell>&)>& visit);

  /// The duckdb_connection, for catalog/duckdb_rows.cpp.
  void* connection() const;

  /// Fills a table of ours row by row.
  class Appender {
   public:
    Appender(DuckdbSession& session, const std::string& table);
    ~Appender();
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;
    void append(const Cell& cell);
    void end_row();
    /// All rows are in the table; without it they may be lost.
    void close();

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// 'text' with its quotes doubled, and "name" likewise.
std::string sql_text(std::string_view text);
std::string sql_name(std::string_view name);
/// ['a', 'b']: a list of paths.
std::string sql_list(const std::vector<std::filesystem::path>& paths);

}  // namespace canopy
