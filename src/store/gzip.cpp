// SPDX-License-Identifier: Apache-2.0
#include "store/gzip.h"

#include <libdeflate.h>

#include <memory>
#include <new>
#include <string>

#include "base/error.h"

namespace canopy {
namespace {

constexpr int kLevel = 6;
constexpr std::size_t kSmallestMember = 18;  // ten bytes of header, eight of trailer
constexpr std::size_t kLargestRatio = 1032;  // deflate's own limit: 258 bytes from two bits

template <auto release>
struct Release {
  template <class T>
  void operator()(T* handle) const {
    release(handle);
  }
};

// Both are costly to make and serve one call at a time: one per thread.
libdeflate_compressor* compressor() {
  thread_local const std::unique_ptr<libdeflate_compressor, Release<libdeflate_free_compressor>>
      one(libdeflate_alloc_compressor(kLevel));
  if (!one) throw std::bad_alloc();
  return one.get();
}

libdeflate_decompressor* decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, Release<libdeflate_free_decompressor>>
      one(libdeflate_alloc_decompressor());
  if (!one) throw std::bad_alloc();
  return one.get();
}

}  // namespace

std::vector<std::uint8_t> gzip(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> out(libdeflate_gzip_compress_bound(compressor(), bytes.size()));
  const std::size_t size =
      libdeflate_gzip_compress(compressor(), bytes.data(), bytes.size(), out.data(), out.size());
  check(size > 0, "libdeflate keeps to its own bound");
  out.resize(size);
  out.shrink_to_fit();
  return out;
}

void gunzip(std::span<const std::uint8_t> member,
            std::vector<std::uint8_t>& out,
            std::size_t max_bytes) {
  out.resize(gunzip_size(member, max_bytes));
  gunzip(member, out);
}

std::size_t gunzip_size(std::span<const std::uint8_t> member, std::size_t max_bytes) {
  require(member.size() >= kSmallestMember && member[0] == 0x1f && member[1] == 0x8b,
          "not a gzip file: it does not begin as one, or is shorter than one can be");
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i)
    size |= static_cast<std::size_t>(member[member.size() - 4 + i]) << (8 * i);
  require(size <= max_bytes, [&] {
    return "gzip: the file states " + std::to_string(size) + " bytes of content, more than the " +
           std::to_string(max_bytes) + " allowed";
  });
  require(size / kLargestRatio <= member.size(), [&] {
    return "gzip: the file states " + std::to_string(size) +
           " bytes of content, more than its length can hold (damaged or truncated)";
  });
  return size;
}

void gunzip(std::span<const std::uint8_t> member, std::span<std::uint8_t> out) {
  std::size_t used = 0, made = 0;
  std::uint8_t nothing = 0;
  const libdeflate_result result =
      libdeflate_gzip_decompress_ex(decompressor(),
                                    member.data(),
                                    member.size(),
                                    out.empty() ? &nothing : out.data(),
                                    out.size(),
                                    &used,
                                    &made);
  require(result != LIBDEFLATE_INSUFFICIENT_SPACE,
          "gzip: the content is longer than the file's last four bytes state (damaged, truncated, "
          "or more than one "
          "gzip member; canopy reads one)");
  require(result == LIBDEFLATE_SUCCESS,
          "gzip: damaged or truncated (its checksum or its code is wrong)");
  require(used == member.size(), [&] {
    return "gzip: " + std::to_string(member.size() - used) +
           " bytes follow the first gzip member; canopy reads files of exactly one";
  });
  check(made == out.size(), "a whole member is as long as its trailer says");
}

}  // namespace canopy
