// SPDX-License-Identifier: Apache-2.0
#include "store/folder_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

/// Makes `folder` and syncs the parent of each folder that it made.
void make_durable_folder(const fs::path& folder) {
  std::vector<fs::path> missing;
  for (fs::path at = folder; !at.empty() && !fs::exists(at); at = at.parent_path())
    missing.push_back(at);
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw Error(Fault::Environment, folder.string() + ": " + code.message());
  for (const fs::path& made : missing)
    sync_folder(made.has_parent_path() ? made.parent_path() : fs::path("."));
}

bool is_hidden(const std::string& file_name) {
  return file_name.find(".tmp.") != std::string::npos && is_temporary(file_name);
}

/// A name of one folder. Folders sort as if their name ended in '/', so that a walk meets whole
/// names in order.
struct Entry {
  std::string name;
  std::int64_t bytes = -1;  ///< -1: a folder
};

std::vector<Entry> entries_of(const fs::path& folder) {
  std::vector<Entry> entries;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    std::string name = it->path().filename().string();
    struct stat info {};
    // A file that is gone by now was removed while we walked.
    if (is_hidden(name) || ::stat(it->path().c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode))
      entries.push_back({std::move(name) + "/", -1});
    else if (S_ISREG(info.st_mode))
      entries.push_back({std::move(name), info.st_size});
  }
  if (code && code != std::errc::no_such_file_or_directory)
    throw Error(Fault::Environment, folder.string() + ": " + code.message());
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.name < b.name;
  });
  return entries;
}

bool is_blob_name(const std::string& name) {
  try {
    require_blob_name(name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void walk(const fs::path& folder,
          const std::string& base,
          const std::string& prefix,
          const std::function<void(const std::string&, std::int64_t)>& visit) {
  for (const Entry& entry : entries_of(folder)) {
    const std::string name = base + entry.name;
    const std::size_t common = std::min(name.size(), prefix.size());
    if (name.compare(0, common, prefix, 0, common) != 0) continue;
    if (entry.bytes < 0)
      walk(folder / entry.name, name, prefix, visit);
    else if (name.size() >= prefix.size() && is_blob_name(name))
      visit(name, entry.bytes);
  }
}

}  // namespace

FolderStore::FolderStore(fs::path root) : root_(std::move(root)) {
  std::error_code ignored;
  require(!fs::exists(root_, ignored) || fs::is_directory(root_, ignored),
          [&] { return root_.string() + ": is not a folder; a store needs one"; });
  make_durable_folder(root_);
}

fs::path FolderStore::path_of(const std::string& name) const {
  require_blob_name(name);
  fs::path path = root_ / name;
  require(!is_hidden(path.filename().string()),
          [&] { return "'" + name + "' cannot name a blob: temporaries are named like that"; });
  return path;
}

std::vector<std::uint8_t> FolderStore::get(const std::string& name) const {
  const fs::path path = path_of(name);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    throw Error(Fault::NotFound, path.string() + ": there is no such blob");
  if (fd < 0) throw_errno(path.string());
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } closer{fd};
  struct stat info {};
  if (::fstat(fd, &info) != 0) throw_errno(path.string());
  if (!S_ISREG(info.st_mode))
    throw Error(Fault::NotFound, path.string() + ": there is no such blob");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(info.st_size));
  for (std::size_t have = 0; have < bytes.size();) {
    const ssize_t n = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno(path.string());
    if (n == 0)
      throw Error(Fault::Environment, path.string() + ": became shorter while it was read");
    have += static_cast<std::size_t>(n);
  }
  return bytes;
}

bool FolderStore::put_if_absent(const std::string& name, std::span<const std::uint8_t> bytes) {
  const fs::path path = path_of(name);
  if (size(name) >= 0) {
    sync_folder(path.parent_path());
    return false;
  }
  make_durable_folder(path.parent_path());
  return write_file(path,
                    {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                    AtomicFile::Existing::Keep);
}

std::int64_t FolderStore::size(const std::string& name) const {
  const fs::path path = path_of(name);
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return -1;
    throw_errno(path.string());
  }
  return S_ISREG(info.st_mode) ? static_cast<std::int64_t>(info.st_size) : -1;
}

void FolderStore::list(const std::string& prefix,
                       const std::function<void(const std::string&, std::int64_t)>& visit) const {
  walk(root_, "", prefix, visit);
}

void FolderStore::remove(const std::string& name) {
  const fs::path path = path_of(name);
  if (::unlink(path.c_str()) == 0) return sync_folder(path.parent_path());
  if (errno != ENOENT && errno != ENOTDIR) throw_errno(path.string());
}

std::string FolderStore::address_of(const std::string& name) const {
  return path_of(name).string();
}

}  // namespace canopy
