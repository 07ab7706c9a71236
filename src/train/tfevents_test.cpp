// SPDX-License-Identifier: Apache-2.0
#include "train/tfevents.h"

#include <cstring>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// What tensorboardX 2.6.5 writes with its clock held at 1700000000.25 s: the version record, then
// the scalar loss/total = 0.5 at step 300.
constexpr const char* kVersionRecord =
    "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9";
constexpr const char* kScalarRecord =
    "2100000000000000017becf60900001040fc54d94110ac022a130a110a0a6c6f73732f746f74616c150000003f2a46"
    "c2af";

TEST(TfEvents, records_have_the_bytes_of_tensorboards_own_writer) {
  EXPECT_EQ(tf_record(version_event(1700000000.25)), from_hex(kVersionRecord));
  EXPECT_EQ(tf_record(scalars_event(1700000000.25, 300, {{"loss/total", 0.5}})),
            from_hex(kScalarRecord));
}

TEST(TfEvents, what_is_written_is_read_again) {
  EventsFile file(::testing::TempDir(), 5);
  file.add(6, {{"a", 1.5}, {"b", -2}});
  file.add(1'000'000, {{"a", 3}});
  const auto events = read_scalar_events(file.path());
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].tag, "a");
  EXPECT_EQ(events[0].value, 1.5f);
  EXPECT_EQ(events[1].step, 6);
  EXPECT_EQ(events[2].step, 1'000'000);
  EXPECT_GT(events[2].wall_time_s, 1.6e9);
}

TEST(TfEvents, a_cut_off_record_is_passed_over_and_a_changed_one_is_refused) {
  const std::filesystem::path path = ::testing::TempDir() + "events_cut";
  const std::string records =
      tf_record(scalars_event(1, 1, {{"a", 1}})) + tf_record(scalars_event(2, 2, {{"a", 2}}));
  write_file(path, records.substr(0, records.size() - 3));
  EXPECT_EQ(read_scalar_events(path).size(), 1u);
  std::string changed = records;
  changed[20] ^= 1;
  write_file(path, changed);
  EXPECT_THROW(read_scalar_events(path), Error);
  changed = records;
  changed[0] ^= 1;
  write_file(path, changed);
  EXPECT_THROW(read_scalar_events(path), Error);
  for (const std::string& broken :
       {from_hex("0b"), from_hex("12ff"), from_hex("10"), from_hex("0a0100")}) {
    write_file(path, tf_record(broken));
    EXPECT_THROW(read_scalar_events(path), Error);
  }
  EXPECT_THROW(EventsFile("/proc/none", 0), Error);
}

}  // namespace
}  // namespace canopy
