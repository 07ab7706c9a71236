// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The wire format of tf.train.Example, by hand: a map from keys to lists of bytes, floats or
// integers.
//
//   Example  { Features features = 1; }
//   Features { map<string, Feature> feature = 1; }
//   Feature  { oneof { BytesList bytes = 1; FloatList floats = 2; Int64List ints = 3; } }
//   each list { repeated value = 1; }, floats and integers packed
//
// We write it ourselves so that keys come in order (same content, same bytes), and read it
// ourselves so that planes are never copied on the way in. Tests hold both against libprotobuf.

namespace canopy {

using ByteView = std::span<const std::uint8_t>;

/// Collects features and writes them in key order, byte for byte as libprotobuf's deterministic
/// mode does. Setting a key again replaces it.
class TfExampleWriter {
 public:
  /// The views must stay valid until `write`.
  void bytes(const std::string& key, std::vector<ByteView> values) {
    features_[key] = std::move(values);
  }
  void texts(const std::string& key, std::vector<std::string> values) {
    features_[key] = std::move(values);
  }
  void floats(const std::string& key, std::vector<float> values) {
    features_[key] = std::move(values);
  }
  void ints(const std::string& key, std::vector<std::int64_t> values) {
    features_[key] = std::move(values);
  }

  std::vector<std::uint8_t> write() const;

  using Value = std::variant<std::vector<ByteView>,
                             std::vector<std::string>,
                             std::vector<float>,
                             std::vector<std::int64_t>>;

 private:
  std::map<std::string, Value> features_;
};

/// The features of a serialized tf.train.Example, which must outlive the view; nothing is copied
/// until it is asked for. Any order of keys, packed and unpacked lists; unknown keys stay unread;
/// of a key that stands twice the last one counts. Every method throws User with the key and what
/// is wrong with it; memory stays within a small multiple of what the caller allows by `max_count`.
class TfExampleView {
 public:
  explicit TfExampleView(ByteView serialized);

  bool has(std::string_view key) const { return features_.find(key) != features_.end(); }
  std::size_t size() const { return features_.size(); }
  std::vector<std::string> keys() const;

  /// The values of a key, which must be there, be of the kind, and not be more than `max_count`.
  std::vector<ByteView> bytes(std::string_view key, std::size_t max_count) const;
  std::vector<std::string> texts(std::string_view key, std::size_t max_count) const;
  std::vector<float> floats(std::string_view key, std::size_t max_count) const;
  std::vector<std::int64_t> ints(std::string_view key, std::size_t max_count) const;
  /// The only value of a key.
  ByteView byte(std::string_view key) const;
  std::string text(std::string_view key) const;
  float number(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;

 private:
  enum class Kind { None = 0, Bytes = 1, Floats = 2, Ints = 3 };
  struct Feature {
    Kind kind = Kind::None;
    std::vector<ByteView> lists;  ///< nearly always one; protobuf lets a writer split a list
  };
  void read_features(ByteView message);
  void read_entry(ByteView message);
  static void read_feature(ByteView message, Feature& feature);
  const Feature& find(std::string_view key, Kind kind) const;

  std::map<std::string_view, Feature, std::less<>> features_;
};

}  // namespace canopy
