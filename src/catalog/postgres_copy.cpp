// SPDX-License-Identifier: Apache-2.0
#include "catalog/postgres_copy.h"

#include <bit>
#include <limits>
#include <utility>

#include "base/error.h"

namespace canopy {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
/// From 1970, where DuckDB counts from, to 2000, where PostgreSQL does.
constexpr std::int64_t kDays = 10957, kMicroseconds = kDays * 86400 * 1000000;

void append(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

std::int64_t signed_of(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  if (bytes.size() == 2) return static_cast<std::int16_t>(value);
  if (bytes.size() == 4) return static_cast<std::int32_t>(value);
  return static_cast<std::int64_t>(value);
}

/// Both engines keep the ends of their range for "infinity"; DuckDB's lower one is a step higher.
template <class T>
std::int64_t moved(std::int64_t value, std::int64_t by) {
  if (value == std::numeric_limits<T>::max()) return value;
  if (value == std::numeric_limits<T>::min()) return value + 1;
  return value + by;
}

}  // namespace

void copy_begin(std::string& out) {
  out += kSignature;
  append(out, 0, 8);  // flags, and no header extension
}

void copy_row(std::string& out, std::size_t cells) { append(out, cells, 2); }

void copy_cell(std::string& out, const Cell& cell) {
  struct Visitor {
    std::string& out;
    void operator()(std::monostate) const { append(out, 0xffffffff, 4); }
    void operator()(bool value) const {
      append(out, 1, 4);
      append(out, value, 1);
    }
    void operator()(std::int64_t value) const {
      append(out, 8, 4);
      append(out, static_cast<std::uint64_t>(value), 8);
    }
    void operator()(double value) const {
      append(out, 8, 4);
      append(out, std::bit_cast<std::uint64_t>(value), 8);
    }
    void operator()(const std::string& value) const {
      append(out, value.size(), 4);
      out += value;
    }
  };
  std::visit(Visitor{out}, cell);
}

void copy_end(std::string& out) { append(out, 0xffff, 2); }

CopyReader::CopyReader(const std::vector<ResultTable::Column>& columns,
                       std::function<bool(std::string_view&)> next)
    : next_(std::move(next)) {
  for (const ResultTable::Column& column : columns) {
    const std::string& type = column.type;
    types_.push_back(type == "BOOLEAN"                                             ? Type::Flag
                     : type == "SMALLINT" || type == "INTEGER" || type == "BIGINT" ? Type::Whole
                     : type == "FLOAT"                                             ? Type::Float
                     : type == "DOUBLE"                                            ? Type::Double
                     : type == "DATE"                                              ? Type::Date
                     : type == "TIMESTAMP" || type == "TIMESTAMP WITH TIME ZONE"   ? Type::Time
                                                                                   : Type::Text);
  }
}

std::string_view CopyReader::take(std::size_t size) {
  if (buffer_.size() - at_ < size) {
    buffer_.erase(0, at_);
    at_ = 0;
    for (std::string_view message; buffer_.size() < size; buffer_ += message)
      if (!next_(message))
        throw Error(Fault::Environment, "the server's rows ended early; try again");
  }
  at_ += size;
  return std::string_view(buffer_).substr(at_ - size, size);
}

std::int64_t CopyReader::whole(std::size_t bytes) { return signed_of(take(bytes)); }

void CopyReader::field(RowWriter& row, std::size_t column, std::string_view bytes) const {
  const auto bits = [&] { return static_cast<std::uint64_t>(signed_of(bytes)); };
  switch (types_[column]) {
    case Type::Flag:
      return row.flag(bytes.at(0) != 0);
    case Type::Whole:
      return row.whole(signed_of(bytes));
    case Type::Float:
      return row.number(std::bit_cast<float>(static_cast<std::uint32_t>(bits())));
    case Type::Double:
      return row.number(std::bit_cast<double>(bits()));
    case Type::Date:
      return row.whole(moved<std::int32_t>(signed_of(bytes), kDays));
    case Type::Time:
      return row.whole(moved<std::int64_t>(signed_of(bytes), kMicroseconds));
    case Type::Text:
      return row.text(bytes);
  }
}

bool CopyReader::read(RowWriter& row) {
  if (!has_begun_) {
    const bool is_ours = take(kSignature.size()) == kSignature;
    whole(4);
    const std::int64_t extension = whole(4);
    if (!is_ours || extension < 0)
      throw Error(Fault::Environment, "the server's COPY is not in the binary form");
    take(static_cast<std::size_t>(extension));
    has_begun_ = true;
  }
  const std::int64_t fields = whole(2);
  if (fields == -1) {
    std::string_view rest;
    while (next_(rest)) continue;  // to the server's word that all is well
    return false;
  }
  check(fields == static_cast<std::int64_t>(types_.size()), "a row of COPY has all columns");
  for (std::size_t i = 0; i < types_.size(); ++i) {
    const std::int64_t size = whole(4);
    if (size < 0)
      row.null();
    else
      field(row, i, take(static_cast<std::size_t>(size)));
  }
  return true;
}

}  // namespace canopy
