// SPDX-License-Identifier: Apache-2.0
#include "registry/outbox.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// A name that sorts behind those of earlier messages.
std::string next_name() {
  static std::atomic<int> number = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  char name[80];
  std::snprintf(
      name,
      sizeof name,
      "%020lld-%d-%06d.json",
      static_cast<long long>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()),
      static_cast<int>(::getpid()),
      ++number);
  return name;
}

/// The lock of whoever delivers; it goes with its process, however that ends.
class Delivering {
 public:
  explicit Delivering(const fs::path& folder)
      : descriptor_(
            ::open((folder / "delivering.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666)),
        is_mine_(descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {}
  ~Delivering() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Delivering(const Delivering&) = delete;
  Delivering& operator=(const Delivering&) = delete;
  bool is_mine() const { return is_mine_; }

 private:
  int descriptor_;
  bool is_mine_;
};

/// Oldest first.
std::vector<fs::path> messages_in(const fs::path& folder) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".json" && !is_temporary(entry.path()))
      found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

void refuse(const fs::path& message, const std::string& why) {
  const fs::path refused = message.parent_path() / "refused" / message.filename();
  fs::create_directories(refused.parent_path());
  fs::rename(message, refused);
  log_warning(message.parent_path().filename().string() + " did not take a message, now in " +
              refused.string() + ": " + why);
}

/// False: not now.
bool deliver_one(const fs::path& path, const Outbox::Deliver& deliver) {
  const auto message = nlohmann::ordered_json::parse(read_file(path), nullptr, false);
  try {
    require(!message.is_discarded(), "it is damaged; another program wrote into it");
    deliver(message);
  } catch (const std::exception& error) {
    const auto* ours = dynamic_cast<const Error*>(&error);
    if (ours != nullptr && ours->fault() == Fault::User) {
      refuse(path, error.what());
      return true;
    }
    log_info(path.string() + " waits for the next command: " + error.what());
    return false;
  }
  fs::remove(path);
  return true;
}

}  // namespace

void Outbox::put(const std::string& channel, const nlohmann::ordered_json& message) const {
  write_file(folder_ / channel / next_name(), message.dump(1) + "\n");
}

void Outbox::deliver(const std::map<std::string, Deliver>& channels,
                     std::chrono::milliseconds budget) const {
  const Clock::time_point end = Clock::now() + budget;
  try {
    if (!fs::is_directory(folder_)) return;
    const Delivering delivering(folder_);
    if (!delivering.is_mine()) return;
    for (const auto& [channel, deliver] : channels)
      for (const fs::path& message : messages_in(folder_ / channel))
        if (Clock::now() >= end || !deliver_one(message, deliver)) break;
  } catch (const std::exception& error) {
    log_warning("outbox " + folder_.string() + ": " + error.what());
  }
}

std::int64_t Outbox::waiting(const std::string& channel) const {
  return std::ssize(messages_in(folder_ / channel));
}

}  // namespace canopy
