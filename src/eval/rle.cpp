// SPDX-License-Identifier: Apache-2.0
#include "eval/rle.h"

#include <algorithm>

#include "base/error.h"

namespace canopy {
namespace {

/// Collects runs of ones, given in column-major order, into an Rle.
class RunWriter {
 public:
  RunWriter(int height, int width) { rle_.height = height, rle_.width = width; }

  void add(std::int64_t begin, std::int64_t end) {
    if (end <= begin) return;
    if (begin == end_ && !rle_.counts.empty()) {
      rle_.counts.back() += static_cast<std::uint32_t>(end - begin);
    } else {
      rle_.counts.push_back(static_cast<std::uint32_t>(begin - end_));
      rle_.counts.push_back(static_cast<std::uint32_t>(end - begin));
    }
    end_ = end;
  }

  Rle finish() {
    const std::int64_t total = std::int64_t{rle_.height} * rle_.width;
    if (end_ < total || rle_.counts.empty())
      rle_.counts.push_back(static_cast<std::uint32_t>(total - end_));
    return std::move(rle_);
  }

 private:
  Rle rle_;
  std::int64_t end_ = 0;
};

/// Goes from run of ones to run of ones.
class RunReader {
 public:
  explicit RunReader(const Rle& rle) : at_(rle.counts.data()), left_(rle.counts.size()) { next(); }

  explicit operator bool() const { return !is_over_; }
  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }
  void next() {
    is_over_ = left_ < 2;
    if (is_over_) return;
    begin_ = end_ + at_[0];
    end_ = begin_ + at_[1];
    at_ += 2;
    left_ -= 2;
  }

 private:
  const std::uint32_t* at_;
  std::size_t left_;
  std::int64_t begin_ = 0, end_ = 0;
  bool is_over_ = false;
};

void require_one_size(const Rle& a, const Rle& b) {
  require(a.height == b.height && a.width == b.width, [&] {
    return "masks of " + std::to_string(a.width) + " x " + std::to_string(a.height) + " and " +
           std::to_string(b.width) + " x " + std::to_string(b.height) + " cannot be compared";
  });
}

void require_filled(std::int64_t sum, std::int64_t total) {
  require(sum == total, [&] {
    return "run lengths sum to " + std::to_string(sum) + ", the picture has " +
           std::to_string(total) + " pixels";
  });
}

}  // namespace

Rle rle_of_mask(std::span<const std::uint8_t> row_major, int height, int width) {
  return rle_of_patch(row_major, height, width, 0, 0, height, width);
}

Rle rle_of_patch(std::span<const std::uint8_t> row_major,
                 int patch_height,
                 int patch_width,
                 int x,
                 int y,
                 int height,
                 int width) {
  require(patch_height >= 0 && patch_width >= 0 &&
              row_major.size() == static_cast<std::size_t>(patch_height) * patch_width,
          [&] {
            return "a mask of " + std::to_string(row_major.size()) + " values is not " +
                   std::to_string(patch_height) + " x " + std::to_string(patch_width);
          });
  RunWriter runs(height, width);
  const int top = std::max(0, -y), bottom = std::min(patch_height, height - y);
  for (int column = std::max(0, -x); column < std::min(patch_width, width - x); ++column) {
    const std::int64_t base = std::int64_t{column + x} * height + y;
    for (int row = top; row < bottom;) {
      const auto inside = [&](int r) {
        return row_major[static_cast<std::size_t>(r) * patch_width + column] != 0;
      };
      while (row < bottom && !inside(row)) ++row;
      const int begin = row;
      while (row < bottom && inside(row)) ++row;
      runs.add(base + begin, base + row);
    }
  }
  return runs.finish();
}

std::vector<Rle> rles_of_id_map(std::span<const std::int32_t> row_major,
                                int height,
                                int width,
                                int count) {
  require(row_major.size() == static_cast<std::size_t>(height) * width, [&] {
    return "an id map of " + std::to_string(row_major.size()) + " values is not " +
           std::to_string(height) + " x " + std::to_string(width);
  });
  std::vector<RunWriter> writers(count, RunWriter(height, width));
  for (int column = 0; column < width; ++column)
    for (int row = 0; row < height;) {
      const auto id_at = [&](int r) {
        return row_major[static_cast<std::size_t>(r) * width + column];
      };
      const std::int32_t id = id_at(row);
      const int begin = row;
      while (row < height && id_at(row) == id) ++row;
      if (id < 1 || id > count) continue;
      const std::int64_t base = std::int64_t{column} * height;
      writers[id - 1].add(base + begin, base + row);
    }
  std::vector<Rle> rles;
  rles.reserve(writers.size());
  for (RunWriter& writer : writers) rles.push_back(writer.finish());
  return rles;
}

std::vector<std::uint8_t> mask_of(const Rle& rle) {
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(rle.height) * rle.width);
  std::int64_t at = 0;
  for (std::size_t i = 0; i < rle.counts.size(); ++i)
    for (std::uint32_t k = 0; k < rle.counts[i]; ++k, ++at)
      if (i % 2 == 1)
        mask[static_cast<std::size_t>(at % rle.height) * rle.width + at / rle.height] = 1;
  return mask;
}

std::int64_t area_px(const Rle& rle) {
  std::int64_t area = 0;
  for (std::size_t i = 1; i < rle.counts.size(); i += 2) area += rle.counts[i];
  return area;
}

CocoBox box_of(const Rle& rle) {
  const std::int64_t height = rle.height;
  std::int64_t left = rle.width, right = -1, top = height, bottom = -1;
  std::int64_t column = 0, row = 0;
  const auto go_on = [&](std::int64_t pixels) {
    row += pixels;
    if (row < height) return;
    const std::int64_t columns = row < 2 * height ? 1 : row / height;  // few runs need a division
    column += columns;
    row -= columns * height;
  };
  for (std::size_t i = 1; i < rle.counts.size(); i += 2) {
    go_on(rle.counts[i - 1]);
    if (rle.counts[i] == 0) continue;
    const std::int64_t first_column = column, first_row = row;
    go_on(rle.counts[i] - 1);
    left = std::min(left, first_column);
    right = std::max(right, column);
    top = std::min(top, first_column == column ? first_row : 0);
    bottom = std::max(bottom, first_column == column ? row : height - 1);
    go_on(1);
  }
  if (right < 0) return {};
  return {static_cast<double>(left),
          static_cast<double>(top),
          static_cast<double>(right - left + 1),
          static_cast<double>(bottom - top + 1)};
}

std::int64_t intersection_px(const Rle& a, const Rle& b) {
  require_one_size(a, b);
  std::int64_t shared = 0;
  RunReader in_a(a), in_b(b);
  while (in_a && in_b) {
    shared += std::max<std::int64_t>(
        0, std::min(in_a.end(), in_b.end()) - std::max(in_a.begin(), in_b.begin()));
    (in_a.end() <= in_b.end() ? in_a : in_b).next();
  }
  return shared;
}

Rle union_of(const Rle& a, const Rle& b) {
  require_one_size(a, b);
  RunWriter runs(a.height, a.width);
  RunReader in_a(a), in_b(b);
  std::int64_t begin = 0, end = 0;
  while (in_a || in_b) {
    RunReader& first = !in_b || (in_a && in_a.begin() <= in_b.begin()) ? in_a : in_b;
    if (first.begin() > end) {
      runs.add(begin, end);
      begin = first.begin();
    }
    end = std::max(end, first.end());
    first.next();
  }
  runs.add(begin, end);
  return runs.finish();
}

// As in the COCO API's maskApi.c: from the third run on the difference to the run two before; five
// bits a character, 32 marks that more follow, the last character's bit 16 is the sign.
std::string compressed_counts(const Rle& rle) {
  std::string text;
  for (std::size_t i = 0; i < rle.counts.size(); ++i) {
    std::int64_t x = rle.counts[i];
    if (i > 2) x -= rle.counts[i - 2];
    for (bool more = true; more;) {
      auto digit = static_cast<int>(x & 31);
      x >>= 5;
      more = (digit & 16) != 0 ? x != -1 : x != 0;
      text.push_back(static_cast<char>((more ? digit | 32 : digit) + 48));
    }
  }
  return text;
}

Rle rle_from_compressed(const std::string& counts, int height, int width) {
  const auto broken = [](const char* why) {
    return Error(Fault::User, std::string("compressed run lengths ") + why);
  };
  Rle rle{height, width, {}};
  rle.counts.reserve(counts.size());
  const std::int64_t total = std::int64_t{height} * width;
  std::int64_t sum = 0;
  for (std::size_t at = 0; at < counts.size();) {
    std::int64_t x = 0;
    int digit = 32;
    for (int shift = 0; (digit & 32) != 0; shift += 5) {
      if (at >= counts.size() || shift >= 60) throw broken("end in the middle of a number");
      digit = counts[at++] - 48;
      if (digit < 0 || digit >= 64) throw broken("hold a character that is none of theirs");
      x |= std::int64_t{digit & 31} << shift;
      if ((digit & 32) == 0 && (digit & 16) != 0) x |= -(std::int64_t{1} << (shift + 5));
    }
    if (rle.counts.size() > 2) x += rle.counts[rle.counts.size() - 2];
    if (x < 0 || x > total - sum) throw broken("go beyond the picture");
    sum += x;
    rle.counts.push_back(static_cast<std::uint32_t>(x));
  }
  require_filled(sum, total);
  return rle;
}

Rle rle_from_counts(std::span<const std::int64_t> counts, int height, int width) {
  Rle rle{height, width, {}};
  rle.counts.reserve(counts.size());
  const std::int64_t total = std::int64_t{height} * width;
  std::int64_t sum = 0;
  for (const std::int64_t count : counts) {
    require(count >= 0 && count <= total - sum, [] { return "run lengths go beyond the picture"; });
    sum += count;
    rle.counts.push_back(static_cast<std::uint32_t>(count));
  }
  require_filled(sum, total);
  return rle;
}

}  // namespace canopy
