// SPDX-License-Identifier: Apache-2.0
#include "serve/open_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>

#include "base/error.h"
#include "serve/range.h"

namespace canopy {

OpenFile::OpenFile(int descriptor, std::uint64_t size, std::string etag)
    : descriptor_(descriptor), size_(size), etag_(std::move(etag)) {}

OpenFile::~OpenFile() { ::close(descriptor_); }

std::shared_ptr<const OpenFile> OpenFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT)
    throw Error(Fault::NotFound, path.string() + ": no such file");
  if (descriptor < 0) throw_errno(path.string());
  struct stat info {};
  const bool is_file = ::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
  if (!is_file) {
    ::close(descriptor);
    throw Error(Fault::NotFound, path.string() + ": not a file");
  }
  char etag[80];
  std::snprintf(etag,
                sizeof etag,
                "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 ".%09ld\"",
                static_cast<std::uint64_t>(info.st_ino),
                static_cast<std::uint64_t>(info.st_size),
                static_cast<std::uint64_t>(info.st_mtim.tv_sec),
                info.st_mtim.tv_nsec);
  return std::shared_ptr<const OpenFile>(
      new OpenFile(descriptor, static_cast<std::uint64_t>(info.st_size), etag));
}

void OpenFile::read(std::uint64_t offset, std::span<char> out) const {
  while (!out.empty()) {
    const auto got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading a served file");
    if (got == 0) throw Error(Fault::Environment, "a served file became shorter while it was read");
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::string OpenFile::read(std::uint64_t offset, std::uint64_t length) const {
  std::string bytes(length, '\0');
  read(offset, std::span<char>(bytes));
  return bytes;
}

Response file_response(const Request& request,
                       const std::shared_ptr<const OpenFile>& file,
                       const std::string& content_type) {
  Response response;
  response.with("ETag", file->etag())
      .with("Accept-Ranges", "bytes")
      .with("Cache-Control", "no-cache");
  const auto known = request.header("if-none-match");
  if (!known.empty() && etag_matches(known, file->etag())) {
    response.status = 304;
    return response;
  }
  const auto range = if_range_holds(request.header("if-range"), file->etag())
                         ? parse_range(request.header("range"), file->size())
                         : RangeAnswer(WholeFile{});
  if (std::holds_alternative<Unsatisfiable>(range))
    return problem(416, "the range lies beyond the end of the file")
        .with("Content-Range", "bytes */" + std::to_string(file->size()));
  response.with("Content-Type", content_type);
  if (const auto* part = std::get_if<ByteRange>(&range)) {
    response.status = 206;
    response.with("Content-Range", content_range(*part, file->size()));
    response.body = FilePart{file, part->first, part->length};
  } else {
    response.body = FilePart{file, 0, file->size()};
  }
  return response;
}

}  // namespace canopy
