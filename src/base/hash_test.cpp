// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

// FIPS 180-4, example of "abc".
constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, agrees_with_the_standards_example) { EXPECT_EQ(sha256_hex("abc"), kAbc); }

TEST(Sha256, pieces_give_what_the_whole_gives) {
  EXPECT_EQ(Sha256().update("a").update("").update("bc").hex(), kAbc);
}

TEST(Sha256, a_file_gives_what_its_bytes_give) {
  const auto path = std::filesystem::temp_directory_path() / "canopy_hash_test.bin";
  std::ofstream(path, std::ios::binary) << "abc";
  EXPECT_EQ(sha256_of_file(path), kAbc);
  std::filesystem::remove(path);
}

TEST(Sha256, a_missing_file_is_not_found) {
  EXPECT_THROW(sha256_of_file("/nonexistent/file"), Error);
}

}  // namespace
}  // namespace canopy
