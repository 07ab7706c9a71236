// SPDX-License-Identifier: Apache-2.0
// libprotobuf as the oracle of our wire format.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <cstring>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "store/tf_example.h"
#include "tf_example_oracle.pb.h"

namespace canopy {
namespace {

std::string deterministic(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    EXPECT_TRUE(message.SerializeToCodedStream(&coded));
  }
  return bytes;
}

ByteView view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
std::string text(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

/// The same random features in both.
void draw(std::uint64_t seed, TfExampleWriter& ours, oracle::Example& theirs) {
  Random random(seed);
  auto& features = *theirs.mutable_features()->mutable_feature();
  for (std::int64_t i = random.below(12); i > 0; --i) {
    const std::string key = "key/" + std::string(static_cast<std::size_t>(random.below(200)), 'x') +
                            std::to_string(random.below(8));
    auto& feature = features[key];
    feature.Clear();
    const std::int64_t count = random.below(40);
    if (random.chance(0.33)) {
      std::vector<std::string> values;
      for (std::int64_t n = 0; n < count; ++n)
        values.emplace_back(static_cast<std::size_t>(random.below(300)), 'v');
      feature.mutable_bytes_list();
      for (const auto& value : values) feature.mutable_bytes_list()->add_value(value);
      ours.texts(key, values);
    } else if (random.chance(0.5)) {
      std::vector<float> values;
      for (std::int64_t n = 0; n < count; ++n)
        values.push_back(static_cast<float>(random.normal(0, 1e6)));
      feature.mutable_float_list()->mutable_value()->Add(values.begin(), values.end());
      ours.floats(key, values);
    } else {
      std::vector<std::int64_t> values;
      for (std::int64_t n = 0; n < count; ++n)
        values.push_back(static_cast<std::int64_t>(random.bits() >> random.below(64)) *
                         (random.chance(0.2) ? -1 : 1));
      feature.mutable_int64_list()->mutable_value()->Add(values.begin(), values.end());
      ours.ints(key, values);
    }
  }
}

/// Every value of `theirs` is what our view of `bytes` says.
void expect_same(const std::string& bytes, const oracle::Example& theirs) {
  constexpr std::size_t kMany = 1 << 20;
  const TfExampleView ours(view(bytes));
  ASSERT_EQ(ours.size(), static_cast<std::size_t>(theirs.features().feature_size()));
  for (const auto& [key, feature] : theirs.features().feature()) {
    ASSERT_TRUE(ours.has(key));
    if (feature.has_bytes_list()) {
      const auto& list = feature.bytes_list().value();
      EXPECT_EQ(ours.texts(key, kMany), std::vector<std::string>(list.begin(), list.end()));
    } else if (feature.has_float_list()) {
      const auto& list = feature.float_list().value();
      const auto floats = ours.floats(key, kMany);
      ASSERT_EQ(floats.size(), static_cast<std::size_t>(list.size()));
      EXPECT_TRUE(floats.empty() ||
                  std::memcmp(floats.data(), list.data(), 4 * floats.size()) == 0);
    } else if (feature.has_int64_list()) {
      const auto& list = feature.int64_list().value();
      EXPECT_EQ(ours.ints(key, kMany), std::vector<std::int64_t>(list.begin(), list.end()));
    }
  }
}

TEST(TfExampleOracle, we_write_what_protobuf_writes_byte_for_byte) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    TfExampleWriter ours;
    oracle::Example theirs;
    draw(seed, ours, theirs);
    if (theirs.features().feature().empty()) continue;
    EXPECT_EQ(text(ours.write()), deterministic(theirs)) << seed;
  }
}

TEST(TfExampleOracle, we_read_what_protobuf_writes) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    TfExampleWriter ours;
    oracle::Example theirs;
    draw(seed, ours, theirs);
    expect_same(theirs.SerializeAsString(), theirs);
  }
}

TEST(TfExampleOracle, unpacked_lists_are_read_as_protobuf_does) {
  oracle::LooseFloatList floats;
  oracle::LooseInt64List ints;
  for (int i = 0; i < 50; ++i) {
    floats.add_value(static_cast<float>(i) / 3);
    ints.add_value(i * 1000 - 20);
  }
  oracle::Example theirs;
  auto& features = *theirs.mutable_features()->mutable_feature();
  ASSERT_TRUE(features["f"].mutable_float_list()->ParseFromString(floats.SerializeAsString()));
  ASSERT_TRUE(features["i"].mutable_int64_list()->ParseFromString(ints.SerializeAsString()));
  const auto field = [](char tag, const std::string& s) {
    return std::string(1, tag) + static_cast<char>(s.size() | 0x80) +
           static_cast<char>(s.size() >> 7) + s;
  };
  const auto entry = [&](const char* key, char tag, const std::string& list) {
    return field(0x0a, std::string("\x0a\x01") + key + field(0x12, field(tag, list)));
  };
  const std::string bytes = field(
      0x0a,
      entry("f", 0x12, floats.SerializeAsString()) + entry("i", 0x1a, ints.SerializeAsString()));
  oracle::Example reread;
  ASSERT_TRUE(reread.ParseFromString(bytes));
  EXPECT_EQ(deterministic(reread), deterministic(theirs));
  expect_same(bytes, theirs);
}

TEST(TfExampleOracle, damaged_bytes_that_both_accept_mean_the_same_to_both) {
  const google::protobuf::LogSilencer silence;
  constexpr std::size_t kMany = 1 << 20;
  int both = 0, refused = 0;
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    TfExampleWriter writer;
    oracle::Example drawn;
    draw(seed % 50, writer, drawn);
    std::string bytes = text(writer.write());
    Random random(seed, 1);
    for (std::int64_t n = 1 + random.below(4); n > 0 && !bytes.empty(); --n) {
      const auto at =
          static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())));
      if (random.chance(0.7))
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
      else if (random.chance(0.3))
        bytes.resize(at);
      else
        bytes.erase(at, static_cast<std::size_t>(random.below(9)));
    }
    // Values too, so that a fault within a list counts as a refusal.
    bool ours_accept = true;
    try {
      const TfExampleView in(view(bytes));
      for (const std::string& key : in.keys())
        for (int kind = 0; kind < 3; ++kind) try {
            if (kind == 0) in.bytes(key, kMany);
            if (kind == 1) in.floats(key, kMany);
            if (kind == 2) in.ints(key, kMany);
          } catch (const Error& error) {
            if (!std::strstr(error.what(), "are expected")) throw;
          }
    } catch (const Error&) {
      ours_accept = false;
    }
    oracle::Example theirs;
    if (!theirs.ParseFromString(bytes) || !ours_accept) {
      ++refused;
      continue;
    }
    ++both;
    expect_same(bytes, theirs);
  }
  EXPECT_GT(both, 1000);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace canopy
