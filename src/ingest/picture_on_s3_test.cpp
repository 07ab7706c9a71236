// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "geo/picture_file.h"
#include "geo/raster.h"
#include "geo/raster_writer.h"
#include "store/s3_server_for_test.h"

// Orthomosaics on a real S3 server, as geo reads them and ingest hashes them. The test lies here
// since geo itself stands below the store, which has the server.

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kEdge = 700;

class PictureOnS3 : public testing::Test {
 protected:
  static S3ServerForTest& server() {
    static S3ServerForTest server;
    return server;
  }
  static void use(const VariablesForTest& variables) {
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  }

  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("canopy_picture_on_s3_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    local_ = folder_ / "a b.tif";
    RasterSpec spec;
    spec.width = spec.height = kEdge;
    spec.type = RasterType::UInt8;
    spec.bands = {"red", "green", "blue"};
    spec.crs = "EPSG:32734";
    spec.world_from_pixel = {{500'000, 0.1, 0, 6'200'000, 0, -0.1}};
    RasterWriter writer(local_, spec);
    std::vector<std::uint8_t> samples(3UL * kEdge * kEdge);
    for (std::size_t i = 0; i < samples.size(); ++i)
      samples[i] = static_cast<std::uint8_t>(1 + (i * i / 7 + i) % 250);
    writer.write({0, 0, kEdge, kEdge}, samples.data());
    writer.finish();
    static int buckets = 0;
    bucket_ = "pictures-" + std::to_string(++buckets);
    server().make_bucket(bucket_);
    use(server().environment());
    put("dt=2026/a b.tif", read_file(local_));
    url_ = "s3://" + bucket_ + "/dt=2026/a b.tif";
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const std::string& key, const std::string& bytes) const {
    S3Client client({bucket_, ""}, {});
    S3Request request;
    request.method = "PUT";
    request.key = key;
    request.body = {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
    ASSERT_TRUE(client.send(request).ok());
  }
  static std::string failure(const std::string& url, Fault fault) {
    try {
      Raster::open(url);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      EXPECT_THAT(error.what(), testing::StartsWith(url + ": "));
      return error.what();
    }
    ADD_FAILURE() << url << " opened";
    return "";
  }
  void expect_same_samples() const {
    const Window window = {100, 200, 500, 400};
    EXPECT_EQ(Raster::open(url_).read(window, {0, 1, 2}).values,
              Raster::open(local_).read(window, {0, 1, 2}).values);
  }

  fs::path folder_, local_;
  std::string bucket_, url_;
};

TEST_F(PictureOnS3, is_read_like_a_file_and_has_its_hash) {
  const Raster raster = Raster::open(url_);
  EXPECT_EQ(raster.path().string(), url_);
  EXPECT_EQ(raster.width(), kEdge);
  EXPECT_EQ(raster.crs(), "EPSG:32734");
  expect_same_samples();
  EXPECT_EQ(sha256_of_picture_file(url_), sha256_of_file(local_));
}

TEST_F(PictureOnS3, is_read_through_a_server_that_fails_every_third_request) {
  enum class Kind { Busy, Reset, CutShort };
  ::setenv("GDAL_HTTP_RETRY_DELAY", "0.05", 1);
  for (const Kind kind : {Kind::Busy, Kind::Reset, Kind::CutShort}) {
    SCOPED_TRACE(static_cast<int>(kind));
    std::atomic<int> count = 0;
    HttpServerForTest proxy([&](const RequestForTest& request) -> std::optional<std::string> {
      if (++count % 3 != 0) return HttpServerForTest::forward(request, server().port());
      if (kind == Kind::Busy)
        return HttpServerForTest::answer(503, "<Error><Code>SlowDown</Code></Error>");
      if (kind == Kind::Reset) return std::nullopt;
      const auto whole = HttpServerForTest::forward(request, server().port()).value_or("");
      return whole.substr(0, whole.size() - 1);
    });
    use(server().environment(proxy.port()));
    expect_same_samples();
    EXPECT_EQ(sha256_of_picture_file(url_), sha256_of_file(local_));
    EXPECT_GE(count, 3);
  }
}

TEST_F(PictureOnS3, that_is_not_there_is_not_found) {
  EXPECT_THAT(failure("s3://" + bucket_ + "/none.tif", Fault::NotFound),
              HasSubstr("there is no such object"));
  EXPECT_THAT(failure("s3://no-such-bucket/a.tif", Fault::NotFound), HasSubstr("mend the address"));
  EXPECT_THAT(failure("s3://" + bucket_, Fault::User), HasSubstr("give a picture's key"));
}

TEST_F(PictureOnS3, that_may_not_be_read_says_so) {
  use({{"AWS_SECRET_ACCESS_KEY", "wrong"}});
  EXPECT_THAT(failure(url_, Fault::Environment),
              AllOf(HasSubstr("may not be read (403)"), HasSubstr("AWS_SECRET_ACCESS_KEY")));
}

TEST_F(PictureOnS3, in_another_region_is_read_all_the_same) {
  // S3 answers with the right region, and GDAL asks again.
  use({{"AWS_REGION", "eu-west-1"}});
  expect_same_samples();
}

TEST_F(PictureOnS3, that_is_no_picture_is_refused) {
  put("notes.tif", "not a picture");
  EXPECT_THAT(failure("s3://" + bucket_ + "/notes.tif", Fault::User),
              HasSubstr("is not a picture that can be read"));
}

}  // namespace
}  // namespace canopy
