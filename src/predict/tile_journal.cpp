// SPDX-License-Identifier: Apache-2.0
#include "predict/tile_journal.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "canopy tiles 1";
constexpr std::size_t kDigest = 64;  // hex digits of SHA-256, at the end of each file

void put(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
}

/// Removes what a run that is dead has left of `target`: not all below its folder, which may be
/// anything, as remove_stale_temporaries would.
void remove_unfinished(const fs::path& target) {
  std::error_code code;
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(target.stem().string() + ".") || !is_temporary(entry.path())) continue;
    const int process = std::atoi(name.c_str() + name.find(".tmp.") + 5);
    if (process > 0 && ::kill(process, 0) != 0 && errno == ESRCH)
      fs::remove_all(entry.path(), code);
  }
}

/// Reads what `put` wrote; `ok` turns false at the end of the bytes.
struct Source {
  std::string_view bytes;
  bool ok = true;
  std::uint64_t take() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes.empty()) break;
      const auto byte = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok = false;
    return 0;
  }
};

}  // namespace

TileJournal::TileJournal(fs::path folder, const std::string& identity)
    : folder_(std::move(folder)) {
  const std::string digest = sha256_hex(identity);
  const fs::path record = folder_ / "journal.json";
  if (fs::exists(record)) {
    const auto found = nlohmann::json::parse(read_file(record), nullptr, false);
    if (found.is_object() && found.value("schema", "") == kSchema &&
        found.value("identity", "") == digest) {
      // Its run has died and left what it was writing.
      remove_stale_temporaries(folder_);
      remove_unfinished(fs::path(folder_).replace_extension());
      for (const auto& entry : fs::directory_iterator(folder_))
        tiles_at_start_ += entry.path().extension() == ".tile";
      return;
    }
  }
  std::error_code code;
  fs::remove_all(folder_, code);
  write_file(record, nlohmann::json{{"schema", kSchema}, {"identity", digest}}.dump() + "\n");
}

fs::path TileJournal::file_of(std::size_t tile) const {
  return folder_ / (std::to_string(tile) + ".tile");
}

void TileJournal::write(std::size_t tile,
                        std::span<const std::uint32_t> ids,
                        std::span<const TreeEvidence> trees) const {
  std::string bytes;
  put(bytes, ids.size());
  put(bytes, trees.size());
  for (const TreeEvidence& tree : trees) {
    std::uint32_t score = 0;
    std::memcpy(&score, &tree.score, sizeof score);
    put(bytes, score);
    put(bytes, static_cast<std::uint64_t>(tree.label));
  }
  for (std::size_t k = 0; k < ids.size();) {
    std::size_t end = k + 1;
    while (end < ids.size() && ids[end] == ids[k]) ++end;
    put(bytes, ids[k]);
    put(bytes, end - k);
    k = end;
  }
  write_file(file_of(tile), bytes + sha256_hex(bytes));
}

std::optional<TileJournal::Entry> TileJournal::read(std::size_t tile, std::size_t pixels) const {
  const fs::path file = file_of(tile);
  if (tiles_at_start_ == 0 || !fs::exists(file)) return std::nullopt;
  const std::string whole = read_file(file);
  if (whole.size() < kDigest) return std::nullopt;
  const std::string_view bytes(whole.data(), whole.size() - kDigest);
  if (sha256_hex(bytes) != std::string_view(whole).substr(bytes.size())) return std::nullopt;
  Source source{bytes};
  if (source.take() != pixels) return std::nullopt;
  Entry entry;
  entry.trees.resize(source.take());
  for (TreeEvidence& tree : entry.trees) {
    const auto score = static_cast<std::uint32_t>(source.take());
    std::memcpy(&tree.score, &score, sizeof score);
    tree.label = static_cast<std::int64_t>(source.take());
  }
  while (source.ok && entry.ids.size() < pixels) {
    const auto id = static_cast<std::uint32_t>(source.take());
    entry.ids.insert(entry.ids.end(), source.take(), id);
  }
  check(source.ok && entry.ids.size() == pixels, "a tile of the journal fills its window");
  return entry;
}

void TileJournal::remove() {
  std::error_code code;
  fs::remove_all(folder_, code);
}

}  // namespace canopy
