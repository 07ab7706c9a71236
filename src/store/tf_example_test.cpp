// SPDX-License-Identifier: Apache-2.0
#include "store/tf_example.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Bytes = std::vector<std::uint8_t>;

Bytes field(std::uint8_t tag, const Bytes& content) {
  Bytes out = {tag, static_cast<std::uint8_t>(content.size())};
  out.insert(out.end(), content.begin(), content.end());
  return out;
}
Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
Bytes entry(const std::string& key, const Bytes& feature) {
  return field(0x0a, field(0x0a, Bytes(key.begin(), key.end())) + field(0x12, feature));
}

std::string complaint(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    return error.what();
  }
  return "";
}

TEST(TfExample, every_kind_of_list_comes_back) {
  const Bytes plane = {1, 2, 3};
  TfExampleWriter out;
  out.bytes("planes", {plane, plane});
  out.texts("bands", {"red", ""});
  out.floats("x", {0.5F, -1e30F});
  out.ints("n", {0, 127, 128, -1, INT64_MIN, INT64_MAX});
  out.floats("none", {});
  const Bytes bytes = out.write();
  const TfExampleView in(bytes);
  EXPECT_THAT(in.keys(), ElementsAre("bands", "n", "none", "planes", "x"));
  ASSERT_EQ(in.bytes("planes", 2).size(), 2U);
  EXPECT_THAT(in.bytes("planes", 2)[1], ElementsAre(1, 2, 3));
  EXPECT_THAT(in.texts("bands", 9), ElementsAre("red", ""));
  EXPECT_THAT(in.floats("x", 2), ElementsAre(0.5F, -1e30F));
  EXPECT_THAT(in.ints("n", 6), ElementsAre(0, 127, 128, -1, INT64_MIN, INT64_MAX));
  EXPECT_THAT(in.floats("none", 0), IsEmpty());
}

TEST(TfExample, planes_are_not_copied) {
  const Bytes plane(100, 7);
  TfExampleWriter out;
  out.bytes("p", {plane});
  const Bytes bytes = out.write();
  const ByteView view = TfExampleView(bytes).byte("p");
  EXPECT_GE(view.data(), bytes.data());
  EXPECT_LE(view.data() + view.size(), bytes.data() + bytes.size());
}

TEST(TfExample, unpacked_lists_any_order_and_unknown_fields_are_read) {
  const Bytes unpacked_ints = field(0x1a, {0x08, 5, 0x08, 6});
  const Bytes unpacked_float = field(0x12, {0x0d, 0, 0, 0x80, 0x3f});
  const Bytes unknown = {0x50, 1, 0x5d, 0, 0, 0, 0, 0x59, 0, 0, 0, 0, 0, 0, 0, 0, 0x62, 1, 9};
  const Bytes bytes =
      field(0x0a, unknown + entry("z", unpacked_ints) + entry("a", unpacked_float)) + unknown;
  const TfExampleView in(bytes);
  EXPECT_THAT(in.ints("z", 2), ElementsAre(5, 6));
  EXPECT_EQ(in.number("a"), 1.0F);
}

TEST(TfExample, of_a_key_that_stands_twice_the_last_one_counts) {
  const Bytes bytes = field(0x0a, entry("k", field(0x1a, field(0x0a, {1})))) +
                      field(0x0a, entry("k", field(0x1a, field(0x0a, {2}))));
  EXPECT_EQ(TfExampleView(bytes).integer("k"), 2);
}

TEST(TfExample, a_wrong_kind_a_missing_key_and_too_many_values_are_named) {
  TfExampleWriter out;
  out.ints("n", {1, 2, 3});
  out.floats("none", {});
  const Bytes bytes = out.write();
  const TfExampleView in(bytes);
  EXPECT_THAT(complaint([&] { in.floats("n", 9); }),
              HasSubstr("'n' holds integers where floats are expected"));
  EXPECT_THAT(complaint([&] { in.byte("m"); }), HasSubstr("'m' is missing"));
  EXPECT_THAT(complaint([&] { in.ints("n", 2); }), HasSubstr("'n' holds more than the 2 values"));
  EXPECT_THAT(complaint([&] { in.number("none"); }), HasSubstr("'none' is empty"));
}

TEST(TfExample, damage_is_refused_wherever_it_is) {
  const auto read = [](const Bytes& bytes) {
    return complaint([&] {
      const TfExampleView in(bytes);
      if (in.has("f")) in.floats("f", 9);
      if (in.has("n")) in.ints("n", 9);
      if (in.has("b")) in.bytes("b", 9);
    });
  };
  EXPECT_THAT(read({0x0a}), HasSubstr("ends within a number"));
  EXPECT_THAT(read({0x0a, 5, 0}), HasSubstr("ends within a field"));
  EXPECT_THAT(read(Bytes(11, 0xff)), HasSubstr("more than ten bytes"));
  EXPECT_THAT(read({0x02, 0}), HasSubstr("impossible field number"));
  EXPECT_THAT(read({0x0b}), HasSubstr("unknown wire type"));
  EXPECT_THAT(read({0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}),
              HasSubstr("ends within a field"));
  EXPECT_THAT(read(field(0x0a, entry("f", field(0x12, field(0x0a, {0, 0, 0}))))),
              HasSubstr("part of a float"));
  EXPECT_THAT(read(field(0x0a, entry("n", field(0x1a, field(0x0a, {0x80}))))),
              HasSubstr("ends within a number"));
  EXPECT_THAT(read(field(0x0a, entry("b", field(0x0a, {0x0a, 4, 1})))),
              HasSubstr("ends within a field"));
}

TEST(TfExample, a_flood_of_features_is_refused) {
  TfExampleWriter out;
  for (int i = 0; i < 5000; ++i) out.ints("k" + std::to_string(i), {});
  const Bytes bytes = out.write();
  EXPECT_THAT(complaint([&] { TfExampleView in(bytes); }), HasSubstr("more than 4,096 features"));
}

}  // namespace
}  // namespace canopy
