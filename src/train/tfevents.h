// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/tf_record.h"

// What TensorBoard reads: a TFRecord file (base/tf_record.h) of tensorflow.Event messages. Of
// Event we write: 1 wall_time (double), 2 step (varint), 3 file_version ("brain.Event:2", the first
// record), 5 summary of 1 value {1 tag, 2 simple_value (float)}, and 7 session_log {1 status:
// START} where a run goes on, upon which TensorBoard drops what the killed run wrote beyond.

namespace canopy {

/// Serialized Events; `wall_time_s` in seconds since 1970.
std::string version_event(double wall_time_s);
std::string session_start_event(double wall_time_s, std::int64_t step);
std::string scalars_event(double wall_time_s,
                          std::int64_t step,
                          const std::map<std::string, double>& scalars);

/// Appends to a new file of its own in `folder`; each record is flushed, so that a viewer sees it
/// at once. A cut-off last record is what TensorBoard expects of a killed run.
class EventsFile {
 public:
  /// `step`: where the run starts or goes on. Throws Environment.
  EventsFile(const std::filesystem::path& folder, std::int64_t step);
  ~EventsFile();
  EventsFile(const EventsFile&) = delete;
  EventsFile& operator=(const EventsFile&) = delete;

  void add(std::int64_t step, const std::map<std::string, double>& scalars);
  const std::filesystem::path& path() const { return path_; }

 private:
  void append(const std::string& record);
  std::filesystem::path path_;
  std::FILE* file_ = nullptr;
};

/// One scalar as it stands in a file.
struct ScalarEvent {
  double wall_time_s = 0;
  std::int64_t step = 0;
  std::string tag;
  float value = 0;
};

/// All scalars of one file, in order. Throws User for a wrong checksum or a broken message, naming
/// the place; a last record that is cut off is passed over.
std::vector<ScalarEvent> read_scalar_events(const std::filesystem::path& path);

}  // namespace canopy
