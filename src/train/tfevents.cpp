// SPDX-License-Identifier: Apache-2.0
#include "train/tfevents.h"

#include <unistd.h>

#include <chrono>
#include <cstring>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/protobuf.h"

namespace canopy {
namespace {

template <class Number>
Number get(std::string_view bytes, std::size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::string event_at(double wall_time_s, std::int64_t step) {
  std::string event;
  put_key(event, 1, 1);
  put_fixed(event, wall_time_s);
  if (step != 0) {
    put_key(event, 2, 0);
    put_varint(event, static_cast<std::uint64_t>(step));
  }
  return event;
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Walks the fields of a protobuf message.
class Message {
 public:
  explicit Message(std::string_view bytes) : bytes_(bytes) {}
  bool next() {
    if (at_ == bytes_.size()) return false;
    const std::uint64_t key = varint();
    field = static_cast<unsigned>(key >> 3);
    switch (key & 7) {
      case 0:
        number = varint();
        break;
      case 1:
        value = take(8);
        break;
      case 2:
        value = take(varint());
        break;
      case 5:
        value = take(4);
        break;
      default:
        throw Error(Fault::User, "an event has a field of an unknown kind");
    }
    return true;
  }
  unsigned field = 0;
  std::uint64_t number = 0;
  std::string_view value;

 private:
  std::uint64_t varint() {
    std::uint64_t result = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(take(1)[0]);
      result |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return result;
    }
    throw Error(Fault::User, "an event holds a number that does not end");
  }
  std::string_view take(std::uint64_t size) {
    require(size <= bytes_.size() - at_, "an event is cut off");
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  std::string_view bytes_;
  std::size_t at_ = 0;
};

template <class Number>
Number fixed(const Message& message) {
  require(message.value.size() == sizeof(Number), "an event has a field of an unexpected size");
  return get<Number>(message.value, 0);
}

void read_event(std::string_view bytes, std::vector<ScalarEvent>& events) {
  ScalarEvent event;
  std::string_view summary;
  for (Message message(bytes); message.next();) {
    if (message.field == 1) event.wall_time_s = fixed<double>(message);
    if (message.field == 2) event.step = static_cast<std::int64_t>(message.number);
    if (message.field == 5) summary = message.value;
  }
  for (Message values(summary); values.next();) {
    if (values.field != 1) continue;
    for (Message value(values.value); value.next();) {
      if (value.field == 1) event.tag = value.value;
      if (value.field == 2) event.value = fixed<float>(value);
    }
    events.push_back(event);
  }
}

}  // namespace

std::string version_event(double wall_time_s) {
  std::string event = event_at(wall_time_s, 0);
  put_bytes(event, 3, "brain.Event:2");
  return event;
}

std::string session_start_event(double wall_time_s, std::int64_t step) {
  std::string event = event_at(wall_time_s, step), log;
  put_key(log, 1, 0);
  put_varint(log, 1);
  put_bytes(event, 7, log);
  return event;
}

std::string scalars_event(double wall_time_s,
                          std::int64_t step,
                          const std::map<std::string, double>& scalars) {
  std::string summary;
  for (const auto& [tag, number] : scalars) {
    std::string value;
    put_bytes(value, 1, tag);
    put_key(value, 2, 5);
    put_fixed(value, static_cast<float>(number));
    put_bytes(summary, 1, value);
  }
  std::string event = event_at(wall_time_s, step);
  put_bytes(event, 5, summary);
  return event;
}

EventsFile::EventsFile(const std::filesystem::path& folder, std::int64_t step) {
  const double now = now_s();
  char host[65] = "localhost";
  ::gethostname(host, sizeof host - 1);
  for (int n = 0; file_ == nullptr; ++n) {
    path_ = folder / ("events.out.tfevents." + std::to_string(static_cast<std::int64_t>(now)) +
                      "." + host + "." + std::to_string(::getpid()) + "." + std::to_string(n));
    file_ = std::fopen(path_.c_str(), "wbx");
    if (file_ == nullptr && errno != EEXIST) throw_errno(path_.string());
  }
  append(tf_record(version_event(now)));
  append(tf_record(session_start_event(now, step)));
}

EventsFile::~EventsFile() { std::fclose(file_); }

void EventsFile::append(const std::string& record) {
  if (std::fwrite(record.data(), 1, record.size(), file_) != record.size() ||
      std::fflush(file_) != 0)
    throw_errno(path_.string());
}

void EventsFile::add(std::int64_t step, const std::map<std::string, double>& scalars) {
  append(tf_record(scalars_event(now_s(), step, scalars)));
}

std::vector<ScalarEvent> read_scalar_events(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  std::vector<ScalarEvent> events;
  for_each_record(
      bytes, path.string(), [&](std::string_view message) { read_event(message, events); });
  return events;
}

}  // namespace canopy
