// SPDX-License-Identifier: Apache-2.0
#include "base/s3_address.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace canopy {
namespace {

using testing::HasSubstr;

Variables with(const std::map<std::string, std::string>& values) {
  return [values](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::User);
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST(S3Address, a_bucket_and_a_key_are_told_apart) {
  EXPECT_EQ(parse_s3_address("s3://farm-data").bucket, "farm-data");
  EXPECT_EQ(parse_s3_address("s3://farm-data").key, "");
  EXPECT_EQ(parse_s3_address("s3://farm-data/").key, "");
  EXPECT_EQ(parse_s3_address("s3://farm-data/a/b c.tif").key, "a/b c.tif");
  EXPECT_EQ(parse_s3_address("s3://farm-data/a/b/").key, "a/b");
  EXPECT_EQ(parse_s3_address("s3://farm-data/a/b/").text(), "s3://farm-data/a/b");
  EXPECT_TRUE(is_s3_address("s3://x"));
  EXPECT_FALSE(is_s3_address("/s3://x"));
}

TEST(S3Address, what_is_no_address_is_refused_with_the_form) {
  for (const char* bad : {"s3://", "s3://ab", "s3://Farm", "s3:///key", "s3://a_b_c", "s3://-abc"})
    EXPECT_THAT(refusal([&] { parse_s3_address(bad); }), HasSubstr("write s3://BUCKET/KEY")) << bad;
  EXPECT_THAT(refusal([&] { parse_s3_address("s3://abc//d"); }), HasSubstr("empty part"));
  EXPECT_THAT(refusal([&] { parse_s3_address("gs://abc"); }), HasSubstr("'gs://abc'"));
}

TEST(S3Endpoint, amazon_unless_the_environment_names_another_and_the_s3_name_wins) {
  EXPECT_TRUE(s3_endpoint(with({})).is_amazon);
  const S3Endpoint local = s3_endpoint(with({{"AWS_ENDPOINT_URL", "http://127.0.0.1:9000/"}}));
  EXPECT_FALSE(local.is_amazon);
  EXPECT_FALSE(local.is_https);
  EXPECT_EQ(local.host, "127.0.0.1:9000");
  const S3Endpoint named = s3_endpoint(with(
      {{"AWS_ENDPOINT_URL", "http://other"}, {"AWS_ENDPOINT_URL_S3", "https://s3.example.org"}}));
  EXPECT_TRUE(named.is_https);
  EXPECT_EQ(named.host, "s3.example.org");
}

TEST(S3Endpoint, what_is_no_server_is_refused_with_the_variable) {
  for (const char* bad : {"127.0.0.1:9000", "http://", "http://a/b", "ftp://a", "http://u@a"})
    EXPECT_THAT(refusal([&] {
                  s3_endpoint(with({{"AWS_ENDPOINT_URL_S3", bad}}));
                }),
                HasSubstr("AWS_ENDPOINT_URL_S3: '" + std::string(bad)));
}

TEST(PercentEncode, everything_that_a_signature_is_strict_about_is_encoded) {
  EXPECT_EQ(percent_encode("dt=1/a+b c~é", true), "dt%3D1/a%2Bb%20c~%C3%A9");
  EXPECT_EQ(percent_encode("a/b", false), "a%2Fb");
}

}  // namespace
}  // namespace canopy
