// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

// Logs go to stderr, never to stdout, and to a run's log.jsonl when one is open. A library logs
// what an operator may want to know later; what the user must know now is progress, a result or an
// Error.

namespace canopy {

enum class LogLevel { Debug, Info, Warning, Error };

void log(LogLevel level, const std::string& message);
inline void log_info(const std::string& message) { log(LogLevel::Info, message); }
inline void log_warning(const std::string& message) { log(LogLevel::Warning, message); }

/// What stderr shows; warnings and errors unless told otherwise.
void set_log_level(LogLevel level);

/// While it lives, every message is appended to `path` too, one JSON object a line: {"time",
/// "level", "message"}.
class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& path);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
};

}  // namespace canopy
