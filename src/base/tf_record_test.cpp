// SPDX-License-Identifier: Apache-2.0
#include "base/tf_record.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

TEST(TfRecord, crc32c_has_the_values_of_rfc_3720) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(TfRecord, what_is_written_is_read_and_a_cut_off_end_is_told) {
  const std::string bytes = tf_record("first") + tf_record("") + tf_record(std::string(1000, 'x'));
  EXPECT_TRUE(is_tf_record(bytes));
  EXPECT_FALSE(is_tf_record("\x1f\x8b no record at all"));
  std::vector<std::string> found;
  const auto keep = [&](std::string_view message) { found.emplace_back(message); };
  EXPECT_TRUE(for_each_record(bytes, "a.tfrecord", keep));
  EXPECT_EQ(found, (std::vector<std::string>{"first", "", std::string(1000, 'x')}));
  found.clear();
  EXPECT_FALSE(for_each_record(std::string_view(bytes).substr(0, bytes.size() - 1), "a", keep));
  EXPECT_EQ(found.size(), 2u);
}

TEST(TfRecord, a_flipped_bit_is_found_wherever_it_is) {
  const std::string whole = tf_record("twelve bytes");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ 4);
    EXPECT_THROW(for_each_record(bytes, "a.tfrecord", [](std::string_view) {}), Error) << i;
  }
}

}  // namespace
}  // namespace canopy
