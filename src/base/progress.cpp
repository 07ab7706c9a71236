// SPDX-License-Identifier: Apache-2.0
#include "base/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace canopy {
namespace {

class Silent : public Progress {
 public:
  void begin(const std::string&, std::int64_t, const std::string&) override {}
  void update(std::int64_t, const std::string&) override {}
  void end(const std::string&) override {}
};

/// What the three visible styles share: the stage, its clock, and when to draw.
class Visible : public Progress {
 public:
  void begin(const std::string& stage, std::int64_t total, const std::string& unit) override {
    stage_ = stage;
    total_ = total;
    unit_ = unit;
    done_ = first_ = 0;
    started_ = drawn_ = Clock::now();
    draw(false, "");
  }
  void update(std::int64_t done, const std::string& note) override {
    const bool due = is_due(done);
    if (first_ == 0) first_ = done, first_at_ = Clock::now();
    done_ = done;
    if (!note.empty()) note_ = note;
    if (!due) return;
    drawn_ = Clock::now();
    draw(false, note_);
  }
  void end(const std::string& note) override {
    if (total_ > 0 && note.empty()) done_ = std::max(done_, total_);
    draw(true, note.empty() ? note_ : note);
    note_.clear();
  }

 protected:
  using Clock = std::chrono::steady_clock;
  virtual bool is_due(std::int64_t done) const = 0;
  virtual void draw(bool last, const std::string& note) = 0;
  double since(Clock::time_point t) const {
    return std::chrono::duration<double>(Clock::now() - t).count();
  }
  /// "  left 0:01:12", or nothing while it cannot be known. By the rate since the first update, so
  /// that what an earlier run has done does not count as done now.
  std::string left() const {
    const double seconds = since(first_at_);
    if (total_ <= 0 || done_ <= first_ || done_ >= total_ || seconds < 1) return "";
    return "  left " + format_duration(seconds * static_cast<double>(total_ - done_) /
                                       static_cast<double>(done_ - first_));
  }
  std::string amount() const {
    std::string text = format_count(done_);
    if (total_ > 0) text += " of " + format_count(total_);
    return text + " " + unit_;
  }

  std::string stage_, unit_, note_;
  std::int64_t total_ = 0, done_ = 0, first_ = 0;
  Clock::time_point started_, first_at_, drawn_;
};

class Bar : public Visible {
  bool is_due(std::int64_t done) const override {
    return since(drawn_) > 0.1 || (total_ > 0 && done == total_);
  }
  void draw(bool last, const std::string& note) override {
    constexpr int kWidth = 20;
    std::string bar;
    if (total_ > 0) {
      const auto full = static_cast<int>(kWidth * std::min(done_, total_) / total_);
      bar = std::string(static_cast<std::size_t>(full), '#') +
            std::string(static_cast<std::size_t>(kWidth - full), '-') + "  ";
    }
    const std::string time = last ? "  " + format_duration(since(started_)) : left();
    std::fprintf(stderr,
                 "\r\033[K%-10s %s%s%s%s%s%s",
                 stage_.c_str(),
                 bar.c_str(),
                 amount().c_str(),
                 note.empty() ? "" : "  ",
                 note.c_str(),
                 time.c_str(),
                 last ? "\n" : "");
    std::fflush(stderr);
  }
};

class Lines : public Visible {
  bool is_due(std::int64_t done) const override {
    const bool tenth = total_ > 0 && done * 10 / total_ != done_ * 10 / total_;
    return (tenth && since(drawn_) > 1) || since(drawn_) > 10;
  }
  void draw(bool last, const std::string& note) override {
    const std::string time = last ? "  " + format_duration(since(started_)) : left();
    std::fprintf(stderr,
                 "%-10s %s%s%s%s\n",
                 stage_.c_str(),
                 amount().c_str(),
                 note.empty() ? "" : "  ",
                 note.c_str(),
                 time.c_str());
  }
};

class JsonLines : public Visible {
  bool is_due(std::int64_t) const override { return since(drawn_) > 0.5; }
  void draw(bool last, const std::string& note) override {
    const nlohmann::json line = {{"stage", stage_},
                                 {"done", done_},
                                 {"total", total_},
                                 {"unit", unit_},
                                 {"note", note},
                                 {"last", last},
                                 {"seconds", std::round(since(started_) * 1000) / 1000}};
    std::fprintf(stderr, "%s\n", line.dump().c_str());
  }
};

}  // namespace

Progress& no_progress() {
  static Silent silent;
  return silent;
}

ProgressStyle progress_style(const std::string& name) {
  if (name == "auto") return ProgressStyle::Auto;
  if (name == "bar") return ProgressStyle::Bar;
  if (name == "lines") return ProgressStyle::Lines;
  if (name == "json") return ProgressStyle::Json;
  if (name == "none") return ProgressStyle::None;
  throw Error(Fault::User,
              "unknown progress style '" + name + "'; choose auto, bar, lines, json or none");
}

std::unique_ptr<Progress> make_progress(ProgressStyle style) {
  if (style == ProgressStyle::Auto)
    style = ::isatty(STDERR_FILENO) ? ProgressStyle::Bar : ProgressStyle::Lines;
  switch (style) {
    case ProgressStyle::Bar:
      return std::make_unique<Bar>();
    case ProgressStyle::Json:
      return std::make_unique<JsonLines>();
    case ProgressStyle::None:
      return std::make_unique<Silent>();
    default:
      return std::make_unique<Lines>();
  }
}

std::string format_duration(double seconds) {
  const auto s = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds)));
  char text[32];
  std::snprintf(text,
                sizeof text,
                "%lld:%02d:%02d",
                static_cast<long long>(s / 3600),
                static_cast<int>(s / 60 % 60),
                static_cast<int>(s % 60));
  return text;
}

std::string format_count(std::int64_t n) {
  std::string digits = std::to_string(n < 0 ? -n : n);
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<std::size_t>(i), ",");
  return n < 0 ? "-" + digits : digits;
}

}  // namespace canopy
