// SPDX-License-Identifier: Apache-2.0
#include "train/metrics_csv.h"

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace canopy {
namespace {

std::string fresh(const std::string& name) {
  const std::string path = ::testing::TempDir() + "metrics_" + name;
  std::filesystem::remove(path);
  return path;
}

TEST(MetricsCsv, has_a_line_a_step_with_empty_cells) {
  const std::string path = fresh("lines.csv");
  MetricsCsv csv(path, {"loss", "val"}, 0);
  csv.add(1, {{"loss", 0.5}});
  csv.add(2, {{"loss", 0.25}, {"val", 0.75}});
  EXPECT_EQ(read_file(path), "step,loss,val\n1,0.5,\n2,0.25,0.75\n");
}

TEST(MetricsCsv, going_on_drops_what_lies_beyond_the_checkpoint) {
  const std::string path = fresh("resume.csv");
  write_file(path, "step,loss\n1,0.5\n2,0.4\n3,0.3\n4,0.");
  {
    MetricsCsv csv(path, {"loss"}, 2);
    csv.add(3, {{"loss", 0.31}});
  }
  EXPECT_EQ(read_file(path), "step,loss\n1,0.5\n2,0.4\n3,0.31\n");
}

TEST(MetricsCsv, other_columns_are_refused) {
  const std::string path = fresh("columns.csv");
  write_file(path, "step,loss\n");
  EXPECT_THROW(MetricsCsv(path, {"other"}, 0), Error);
  MetricsCsv csv(path, {"loss"}, 0);
  EXPECT_THROW(csv.add(1, {{"other", 1}}), Error);
  EXPECT_THROW(MetricsCsv("/proc/none/all.csv", {"loss"}, 0), Error);
}

}  // namespace
}  // namespace canopy
