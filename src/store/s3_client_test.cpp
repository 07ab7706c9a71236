// SPDX-License-Identifier: Apache-2.0
#include "store/s3_client.h"

#include <gtest/gtest.h>

#include "store/s3_server_for_test.h"

namespace canopy {
namespace {

std::string url(const std::string& bucket,
                const VariablesForTest& variables,
                const S3Request& request) {
  return S3Client({bucket, ""}, {.variables = variables_of(variables)}).url_of(request);
}

const S3Request kBlob = {.key = "a/b=1"};
const S3Request kList = {.query = {{"list-type", "2"}, {"prefix", "a/b="}}};

TEST(S3Client, amazon_is_addressed_by_virtual_host) {
  EXPECT_EQ(url("farm", {{"AWS_REGION", "af-south-1"}}, kBlob),
            "https://farm.s3.af-south-1.amazonaws.com/a/b%3D1");
  EXPECT_EQ(url("farm", {{"AWS_REGION", "cn-north-1"}}, kBlob),
            "https://farm.s3.cn-north-1.amazonaws.com.cn/a/b%3D1");
  EXPECT_EQ(url("farm", {}, kList),
            "https://farm.s3.us-east-1.amazonaws.com/?list-type=2&prefix=a%2Fb%3D");
}

TEST(S3Client, a_bucket_with_a_dot_has_no_host_of_its_own_since_no_certificate_holds_for_it) {
  EXPECT_EQ(url("farm.data", {}, kBlob), "https://s3.us-east-1.amazonaws.com/farm.data/a/b%3D1");
}

TEST(S3Client, a_named_server_is_addressed_by_path) {
  const VariablesForTest named = {{"AWS_ENDPOINT_URL", "http://127.0.0.1:9000/"}};
  EXPECT_EQ(url("farm", named, kBlob), "http://127.0.0.1:9000/farm/a/b%3D1");
  EXPECT_EQ(url("farm", named, kList), "http://127.0.0.1:9000/farm?list-type=2&prefix=a%2Fb%3D");
}

}  // namespace
}  // namespace canopy
