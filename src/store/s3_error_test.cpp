// SPDX-License-Identifier: Apache-2.0
#include "store/s3_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/s3_client.h"

namespace canopy {
namespace {

using testing::HasSubstr;

const S3Circumstances kAt = {
    "s3://farm/a/b", "farm", "us-east-1", "https://s3.us-east-1.amazonaws.com", "profile 'x'"};

Error error_of(int status, const std::string& code, const std::string& region = "") {
  S3Reply reply;
  reply.http.status = status;
  reply.code = code;
  reply.region = region;
  return s3_error(reply, kAt);
}

TEST(S3Error, every_refusal_names_the_thing_the_answer_and_the_remedy) {
  struct Case {
    int status;
    const char *code, *region;
    Fault fault;
    const char* remedy;
  };
  for (const Case& c : {
           Case{404, "NoSuchBucket", "", Fault::NotFound, "aws s3 mb s3://farm"},
           Case{404, "NoSuchKey", "", Fault::NotFound, "there is no such blob"},
           Case{403,
                "AccessDenied",
                "",
                Fault::Environment,
                "profile 'x' may not do this; they need s3:GetObject"},
           Case{403,
                "SignatureDoesNotMatch",
                "",
                Fault::Environment,
                "mend AWS_SECRET_ACCESS_KEY or the profile"},
           Case{403,
                "InvalidAccessKeyId",
                "",
                Fault::Environment,
                "mend AWS_ACCESS_KEY_ID or the profile"},
           Case{403, "RequestTimeTooSkewed", "", Fault::Environment, "clock is wrong; set it"},
           Case{403, "ExpiredToken", "", Fault::Environment, "get new ones"},
           Case{301, "PermanentRedirect", "eu-west-1", Fault::User, "set AWS_REGION=eu-west-1"},
           Case{400,
                "AuthorizationHeaderMalformed",
                "",
                Fault::User,
                "set AWS_REGION to the bucket's"},
           Case{400, "", "eu-west-1", Fault::User, "set AWS_REGION=eu-west-1"},
           Case{501, "NotImplemented", "", Fault::Environment, "If-None-Match"},
           Case{409, "Odd", "", Fault::Environment, "refused"},
       }) {
    const Error error = error_of(c.status, c.code, c.region);
    EXPECT_EQ(error.fault(), c.fault) << c.code;
    EXPECT_THAT(error.what(), testing::StartsWith("s3://farm/a/b: "));
    EXPECT_THAT(error.what(), HasSubstr(c.remedy));
    EXPECT_THAT(error.what(), HasSubstr("(HTTP " + std::to_string(c.status)));
  }
}

}  // namespace
}  // namespace canopy
