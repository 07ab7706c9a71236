// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

// What other systems are to be told, kept until they have been: a server that is slow, dead or not
// yet born neither stops nor delays the work that it would have heard of.
//
//  1. A message is one file, outbox/<channel>/<time>-<pid>-<n>.json, written whole and durably.
//  2. Whoever has just put a message delivers what lies there, its own and what earlier commands
//     could not, each channel oldest first, within a budget of time. One process delivers at a
//     time; the others leave it to that one.
//  3. A message is removed when it has been delivered. One that is not, keeps its place, and the
//     channel waits for the next command: order is kept.
//  4. One that the other side will never take (it says so) moves to outbox/<channel>/refused/, and
//     a warning tells why.
//
// A process killed between delivery and removal delivers again: whoever receives must not mind.

namespace canopy {

class Outbox {
 public:
  /// Nothing is made until there is a message.
  explicit Outbox(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void put(const std::string& channel, const nlohmann::ordered_json& message) const;

  /// Delivers one message. Throws User when the other side will never take it, anything else when
  /// it may later.
  using Deliver = std::function<void(const nlohmann::ordered_json&)>;
  /// Begins no delivery after `budget`. Throws nothing: what goes wrong is logged.
  void deliver(const std::map<std::string, Deliver>& channels,
               std::chrono::milliseconds budget) const;

  /// Messages that wait in a channel.
  std::int64_t waiting(const std::string& channel) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace canopy
