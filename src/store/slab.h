// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

// Memory for tiles on their way in. A tile is a megabyte or two, a loader opens hundreds a second,
// and fresh pages cost as much as parsing does: so a slab that is no longer used is kept, and the
// next tile lies in it.

namespace canopy {

/// `size` bytes of no particular value, given back for the next caller when the last copy of the
/// pointer goes. From any thread.
std::shared_ptr<std::uint8_t> take_slab(std::size_t size);

/// The samples of one band: bytes of its own, or a part of memory that several bands share. A copy
/// has bytes of its own, so that changing it changes nothing else; a moved one stays where it lies.
class Plane {
 public:
  Plane() = default;
  explicit Plane(std::size_t size) : Plane(std::vector<std::uint8_t>(size)) {}
  Plane(std::vector<std::uint8_t> bytes);  // NOLINT: a plane is its bytes
  /// A part of what `owner` keeps.
  Plane(std::shared_ptr<std::uint8_t> owner, std::span<std::uint8_t> part)
      : owner_(std::move(owner)), bytes_(part) {}
  Plane(const Plane& other) : Plane(std::vector<std::uint8_t>(other.begin(), other.end())) {}
  Plane(Plane&& other) noexcept : owner_(std::move(other.owner_)), bytes_(other.bytes_) {
    other.bytes_ = {};
  }
  Plane& operator=(Plane other) noexcept {
    owner_.swap(other.owner_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Plane() = default;

  std::uint8_t* data() { return bytes_.data(); }
  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  std::uint8_t& operator[](std::size_t i) { return bytes_[i]; }
  std::uint8_t operator[](std::size_t i) const { return bytes_[i]; }
  const std::uint8_t* begin() const { return bytes_.data(); }
  const std::uint8_t* end() const { return bytes_.data() + bytes_.size(); }
  bool operator==(const Plane& other) const;

 private:
  std::shared_ptr<void> owner_;
  std::span<std::uint8_t> bytes_;
};

}  // namespace canopy
