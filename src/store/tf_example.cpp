// SPDX-License-Identifier: Apache-2.0
#include "store/tf_example.h"

#include <bit>
#include <cstring>

#include "base/error.h"

namespace canopy {
namespace {

static_assert(std::endian::native == std::endian::little,
              "planes and floats are little-endian, as is every machine of ours");

constexpr std::uint8_t kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5;
/// A file of ours has about 25. The bound keeps a hostile file from filling memory with map nodes.
constexpr std::size_t kMaxFeatures = 4096;

std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

/// Tag and length and content of a field whose number is below 16.
std::size_t field_size(std::size_t content) { return 1 + varint_size(content) + content; }

std::size_t list_size(const TfExampleWriter::Value& value) {
  std::size_t size = 0;
  if (const auto* views = std::get_if<std::vector<ByteView>>(&value)) {
    for (const ByteView& view : *views) size += field_size(view.size());
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& text : *texts) size += field_size(text.size());
  } else if (const auto* floats = std::get_if<std::vector<float>>(&value)) {
    if (!floats->empty()) size = field_size(4 * floats->size());
  } else {
    for (const std::int64_t i : std::get<std::vector<std::int64_t>>(value))
      size += varint_size(static_cast<std::uint64_t>(i));
    if (size > 0) size = field_size(size);
  }
  return size;
}

std::uint8_t kind_number(const TfExampleWriter::Value& value) {
  constexpr std::uint8_t kNumbers[] = {1, 1, 2, 3};
  return kNumbers[value.index()];
}

class WireWriter {
 public:
  explicit WireWriter(std::size_t size) { bytes_.reserve(size); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }
  void head(std::uint8_t field, std::size_t content) {
    bytes_.push_back(static_cast<std::uint8_t>(field << 3 | kDelimited));
    varint(content);
  }
  void raw(const void* data, std::size_t size) {
    const auto* first = static_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), first, first + size);
  }
  void list(const TfExampleWriter::Value& value, std::size_t size) {
    if (const auto* views = std::get_if<std::vector<ByteView>>(&value)) {
      for (const ByteView& view : *views) {
        head(1, view.size());
        raw(view.data(), view.size());
      }
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
      for (const std::string& text : *texts) {
        head(1, text.size());
        raw(text.data(), text.size());
      }
    } else if (const auto* floats = std::get_if<std::vector<float>>(&value)) {
      if (floats->empty()) return;
      head(1, 4 * floats->size());
      raw(floats->data(), 4 * floats->size());
    } else {
      const auto& ints = std::get<std::vector<std::int64_t>>(value);
      if (ints.empty()) return;
      std::size_t content = 0;
      for (const std::int64_t i : ints) content += varint_size(static_cast<std::uint64_t>(i));
      check(field_size(content) == size, "a list is as long as was counted");
      head(1, content);
      for (const std::int64_t i : ints) varint(static_cast<std::uint64_t>(i));
    }
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Fault::User, "tf.train.Example: " + what);
}

/// Walks one message. Nothing is read beyond its end.
class WireReader {
 public:
  explicit WireReader(ByteView message)
      : at_(message.data()), end_(message.data() + message.size()) {}

  bool done() const { return at_ == end_; }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) refuse("ends within a number (truncated or damaged)");
      const std::uint8_t byte = *at_++;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value;
    }
    refuse("holds a number of more than ten bytes (damaged)");
  }
  /// The next field's number; `type()` is its wire type.
  std::uint64_t field() {
    const std::uint64_t tag = varint();
    type_ = static_cast<std::uint8_t>(tag & 7);
    if (tag >> 3 == 0 || tag >> 32 != 0) refuse("holds an impossible field number (damaged)");
    return tag >> 3;
  }
  std::uint8_t type() const { return type_; }
  ByteView take(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_))
      refuse("ends within a field (truncated or damaged)");
    const ByteView view(at_, static_cast<std::size_t>(size));
    at_ += size;
    return view;
  }
  ByteView delimited() { return take(varint()); }
  void skip() {
    if (type_ == kVarint)
      varint();
    else if (type_ == kFixed64)
      take(8);
    else if (type_ == kDelimited)
      delimited();
    else if (type_ == kFixed32)
      take(4);
    else
      refuse("holds a field of an unknown wire type (damaged)");
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::uint8_t type_ = 0;
};

std::string in_quotes(std::string_view key) { return "'" + std::string(key) + "'"; }

void bound(std::string_view key, std::size_t count, std::size_t max_count) {
  if (count > max_count)
    refuse(in_quotes(key) + " holds more than the " + std::to_string(max_count) +
           " values that may be there");
}

template <class T>
T only(std::string_view key, std::vector<T> values) {
  if (values.size() != 1) refuse(in_quotes(key) + " is empty; one value is expected");
  return std::move(values[0]);
}

}  // namespace

std::vector<std::uint8_t> TfExampleWriter::write() const {
  struct Sizes {
    std::size_t list, feature, entry;
  };
  std::vector<Sizes> sizes;
  std::size_t features = 0;
  for (const auto& [key, value] : features_) {
    const std::size_t list = list_size(value), feature = field_size(list);
    sizes.push_back({list, feature, field_size(key.size()) + field_size(feature)});
    features += field_size(sizes.back().entry);
  }
  WireWriter out(field_size(features));
  out.head(1, features);
  std::size_t i = 0;
  for (const auto& [key, value] : features_) {
    const Sizes& size = sizes[i++];
    out.head(1, size.entry);
    out.head(1, key.size());
    out.raw(key.data(), key.size());
    out.head(2, size.feature);
    out.head(kind_number(value), size.list);
    out.list(value, size.list);
  }
  return out.take();
}

TfExampleView::TfExampleView(ByteView serialized) {
  for (WireReader in(serialized); !in.done();) {
    if (in.field() == 1 && in.type() == kDelimited)
      read_features(in.delimited());
    else
      in.skip();
  }
}

void TfExampleView::read_features(ByteView message) {
  for (WireReader in(message); !in.done();) {
    if (in.field() == 1 && in.type() == kDelimited)
      read_entry(in.delimited());
    else
      in.skip();
  }
}

void TfExampleView::read_entry(ByteView message) {
  std::string_view key;
  Feature feature;
  for (WireReader in(message); !in.done();) {
    const std::uint64_t field = in.field();
    if (field == 1 && in.type() == kDelimited) {
      const ByteView text = in.delimited();
      key = {reinterpret_cast<const char*>(text.data()), text.size()};
    } else if (field == 2 && in.type() == kDelimited) {
      read_feature(in.delimited(), feature);
    } else {
      in.skip();
    }
  }
  features_[key] = std::move(feature);
  if (features_.size() > kMaxFeatures) refuse("holds more than 4,096 features; it is none of ours");
}

void TfExampleView::read_feature(ByteView message, Feature& feature) {
  for (WireReader in(message); !in.done();) {
    const std::uint64_t field = in.field();
    if (field < 1 || field > 3 || in.type() != kDelimited) {
      in.skip();
      continue;
    }
    const auto kind = static_cast<Kind>(field);
    if (kind != feature.kind) feature = {kind, {}};
    const ByteView list = in.delimited();
    if (!list.empty()) feature.lists.push_back(list);
  }
}

const TfExampleView::Feature& TfExampleView::find(std::string_view key, Kind kind) const {
  static constexpr const char* kNames[] = {"nothing", "bytes", "floats", "integers"};
  const auto found = features_.find(key);
  if (found == features_.end()) refuse(in_quotes(key) + " is missing");
  if (found->second.kind != kind)
    refuse(in_quotes(key) + " holds " + kNames[static_cast<int>(found->second.kind)] + " where " +
           kNames[static_cast<int>(kind)] + " are expected");
  return found->second;
}

std::vector<std::string> TfExampleView::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, feature] : features_) keys.emplace_back(key);
  return keys;
}

std::vector<ByteView> TfExampleView::bytes(std::string_view key, std::size_t max_count) const {
  std::vector<ByteView> values;
  for (const ByteView& list : find(key, Kind::Bytes).lists) {
    for (WireReader in(list); !in.done();) {
      if (in.field() != 1 || in.type() != kDelimited) {
        in.skip();
        continue;
      }
      values.push_back(in.delimited());
      bound(key, values.size(), max_count);
    }
  }
  return values;
}

std::vector<std::string> TfExampleView::texts(std::string_view key, std::size_t max_count) const {
  std::vector<std::string> values;
  for (const ByteView& view : bytes(key, max_count))
    values.emplace_back(reinterpret_cast<const char*>(view.data()), view.size());
  return values;
}

std::vector<float> TfExampleView::floats(std::string_view key, std::size_t max_count) const {
  std::vector<float> values;
  const auto append = [&](ByteView raw) {
    if (raw.size() % 4 != 0) refuse(in_quotes(key) + " holds a part of a float (damaged)");
    const std::size_t before = values.size();
    bound(key, before + raw.size() / 4, max_count);
    values.resize(before + raw.size() / 4);
    if (!raw.empty()) std::memcpy(values.data() + before, raw.data(), raw.size());
  };
  for (const ByteView& list : find(key, Kind::Floats).lists) {
    for (WireReader in(list); !in.done();) {
      const bool ours = in.field() == 1;
      if (ours && in.type() == kDelimited)
        append(in.delimited());
      else if (ours && in.type() == kFixed32)
        append(in.take(4));
      else
        in.skip();
    }
  }
  return values;
}

std::vector<std::int64_t> TfExampleView::ints(std::string_view key, std::size_t max_count) const {
  std::vector<std::int64_t> values;
  const auto append = [&](WireReader& in) {
    values.push_back(static_cast<std::int64_t>(in.varint()));
    bound(key, values.size(), max_count);
  };
  for (const ByteView& list : find(key, Kind::Ints).lists) {
    for (WireReader in(list); !in.done();) {
      const bool ours = in.field() == 1;
      if (ours && in.type() == kDelimited) {
        for (WireReader packed(in.delimited()); !packed.done();) append(packed);
      } else if (ours && in.type() == kVarint) {
        append(in);
      } else {
        in.skip();
      }
    }
  }
  return values;
}

ByteView TfExampleView::byte(std::string_view key) const { return only(key, bytes(key, 1)); }
std::string TfExampleView::text(std::string_view key) const { return only(key, texts(key, 1)); }
float TfExampleView::number(std::string_view key) const { return only(key, floats(key, 1)); }
std::int64_t TfExampleView::integer(std::string_view key) const { return only(key, ints(key, 1)); }

}  // namespace canopy
