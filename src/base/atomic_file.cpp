// SPDX-License-Identifier: Apache-2.0
#include "base/atomic_file.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <regex>
#include <utility>
#include <vector>

#include "base/error.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// A descriptor that closes itself.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) throw_errno(path.string());
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  /// Close that reports: NFS and quotas tell of a lost write only here.
  void close(const fs::path& path) {
    const int fd = std::exchange(fd_, -1);
    if (::close(fd) != 0) throw_errno(path.string());
  }

 private:
  int fd_;
};

void sync_file(const fs::path& path) {
  Descriptor file(path, O_RDONLY);
  if (::fsync(file.get()) != 0) throw_errno(path.string());
}

const std::regex& temporary_pattern() {
  static const std::regex pattern(R"(.*\.tmp\.(\d+)\.\d+(\..*)?)");
  return pattern;
}

}  // namespace

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)) {
  static std::atomic<int> counter{0};
  if (target_.has_parent_path()) {
    std::error_code code;
    fs::create_directories(target_.parent_path(), code);
    if (code)
      throw Error(Fault::Environment, target_.parent_path().string() + ": " + code.message());
  }
  temporary_ = target_;
  temporary_.replace_filename(target_.stem().string() + ".tmp." + std::to_string(::getpid()) + "." +
                              std::to_string(counter++) + target_.extension().string());
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;
  if (!done_) fs::remove_all(temporary_, ignored);
}

void AtomicFile::write(std::string_view bytes) {
  Descriptor file(temporary_, O_WRONLY | O_CREAT | O_TRUNC);
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno(target_.string());
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  file.close(target_);
}

bool AtomicFile::commit(Existing existing) {
  check(!done_, "an atomic file is committed once");
  sync_file(temporary_);
  bool ours = true;
  if (existing == Existing::Keep) {
    if (::link(temporary_.c_str(), target_.c_str()) != 0) {
      if (errno != EEXIST) throw_errno(target_.string());
      ours = false;
    }
    ::unlink(temporary_.c_str());
  } else if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    throw_errno(target_.string());
  }
  done_ = true;
  sync_folder(target_.has_parent_path() ? target_.parent_path() : fs::path("."));
  return ours;
}

bool write_file(const fs::path& target, std::string_view bytes, AtomicFile::Existing existing) {
  AtomicFile file(target);
  file.write(bytes);
  return file.commit(existing);
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(Fault::NotFound, path.string() + ": cannot be read");
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) throw Error(Fault::Environment, path.string() + ": reading failed");
  return bytes;
}

bool is_temporary(const fs::path& path) {
  return std::regex_match(path.filename().string(), temporary_pattern());
}

int remove_stale_temporaries(const fs::path& folder) {
  int removed = 0;
  std::error_code code;
  std::vector<fs::path> stale;
  for (auto it = fs::recursive_directory_iterator(folder, code);
       !code && it != fs::recursive_directory_iterator();
       it.increment(code)) {
    std::smatch match;
    const std::string name = it->path().filename().string();
    if (!std::regex_match(name, match, temporary_pattern())) continue;
    const pid_t pid = std::stoi(match[1]);
    if (::kill(pid, 0) != 0 && errno == ESRCH) stale.push_back(it->path());
  }
  for (const fs::path& path : stale) removed += fs::remove_all(path, code) > 0;
  return removed;
}

void sync_folder(const fs::path& folder) {
  Descriptor directory(folder, O_RDONLY | O_DIRECTORY);
  if (::fsync(directory.get()) != 0) throw_errno(folder.string());
}

}  // namespace canopy
