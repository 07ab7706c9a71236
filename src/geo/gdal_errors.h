// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// GDAL, PROJ and the image libraries below them report by a global error handler that prints. Ours
// keeps silent, and whoever calls GDAL collects what it said on this thread and puts it into the
// Error that he throws.

namespace canopy {

/// Registers GDAL's drivers, silences it and bounds its block cache to 256 MB (unless GDAL_CACHEMAX
/// is set). Idempotent and thread-safe; called by everything in geo that touches GDAL.
void start_gdal();

/// What GDAL says on this thread while this object lives. Also starts GDAL. Objects nest like the
/// scopes that they are in.
class GdalErrors {
 public:
  GdalErrors();
  ~GdalErrors();
  GdalErrors(const GdalErrors&) = delete;
  GdalErrors& operator=(const GdalErrors&) = delete;

  /// Whether a failure (not merely a warning) was reported.
  bool failed() const { return failed_; }
  /// The first failure in one line, else the last warning, else "".
  const std::string& text() const { return text_; }
  /// ": <text>", or nothing.
  std::string suffix() const { return text_.empty() ? "" : ": " + text_; }
  /// For the handler.
  void add(bool is_failure, const char* message);

 private:
  bool failed_ = false;
  std::string text_;
};

}  // namespace canopy
