// SPDX-License-Identifier: Apache-2.0
#include "base/options.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

struct Inner {
  double rate = 0.5;
  template <class F>
  void describe(F& field) {
    field("rate", rate, "A rate.");
  }
};

struct Outer {
  int size_px = 512;
  bool fast = false;
  std::string model = "lite";
  std::vector<double> scales = {1, 0.25};
  std::vector<std::string> bands;
  Inner inner;
  template <class F>
  void describe(F& field) {
    field("size-px", size_px, "Edge of a tile, in pixels.");
    field("fast", fast, "Skip the checks.");
    field("model", model, "Which network.");
    field("scales", scales, "Scales.");
    field("bands", bands, "Bands by name.");
    field.nested("inner", inner);
  }
};

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Options, words_set_fields_of_every_type) {
  Outer options;
  Fields fields(options);
  for (const char* word :
       {"size-px=640", "fast=yes", "model=r50", "scales=2,0.1", "bands=red,nir", "inner.rate=1e-3"})
    fields.set_word(word);
  EXPECT_EQ(options.size_px, 640);
  EXPECT_TRUE(options.fast);
  EXPECT_EQ(options.model, "r50");
  EXPECT_EQ(options.scales, (std::vector<double>{2, 0.1}));
  EXPECT_EQ(options.bands, (std::vector<std::string>{"red", "nir"}));
  EXPECT_EQ(options.inner.rate, 1e-3);
}

TEST(Options, a_mistyped_key_gets_the_nearest_one) {
  Outer options;
  EXPECT_EQ(message_of([&] { Fields(options).set_word("modle=lite"); }),
            "unknown key 'modle'; did you mean 'model'?");
}

TEST(Options, a_value_of_the_wrong_kind_is_named) {
  Outer options;
  EXPECT_EQ(message_of([&] { Fields(options).set("size-px", "big"); }),
            "size-px: 'big' is not an integer");
  EXPECT_EQ(message_of([&] { Fields(options).set("size-px", "12.5"); }),
            "size-px: '12.5' is not an integer");
  EXPECT_EQ(message_of([&] { Fields(options).set("inner.rate", ""); }),
            "inner.rate: '' is not a number");
  EXPECT_THAT(message_of([&] { Fields(options).set("fast", "maybe"); }),
              testing::HasSubstr("true or false"));
  EXPECT_THAT(message_of([&] { Fields(options).set_word("fast"); }),
              testing::HasSubstr("key=value"));
}

TEST(Options, a_toml_document_reads_back_as_it_was_written) {
  const auto path = std::filesystem::temp_directory_path() / "canopy_options_test.toml";
  Outer options;
  options.size_px = 100;
  options.bands = {"red"};
  options.inner.rate = 0.1;
  std::ofstream(path) << Fields(options).to_toml();
  Outer copy;
  Fields(copy).set_from_toml(path);
  EXPECT_EQ(Fields(copy).to_json(), Fields(options).to_json());
  std::filesystem::remove(path);
}

TEST(Options, a_toml_mistake_is_told_with_file_and_line) {
  const auto path = std::filesystem::temp_directory_path() / "canopy_options_bad.toml";
  Outer options;
  std::ofstream(path) << "model = 'lite'\nsize_px = 3\n";
  EXPECT_THAT(message_of([&] { Fields(options).set_from_toml(path); }),
              testing::HasSubstr("bad.toml:2: unknown key 'size_px'; did you mean 'size-px'?"));
  std::ofstream(path) << "model = \n";
  EXPECT_THAT(message_of([&] { Fields(options).set_from_toml(path); }),
              testing::HasSubstr("bad.toml:1: "));
  std::filesystem::remove(path);
}

TEST(Options, usage_tells_name_type_default_and_meaning) {
  Outer options;
  const auto usage = Fields(options).usage();
  EXPECT_EQ(usage[0].at("name"), "size-px");
  EXPECT_EQ(usage[0].at("default"), 512);
  EXPECT_EQ(usage.back().at("name"), "inner.rate");
}

}  // namespace
}  // namespace canopy
