// SPDX-License-Identifier: Apache-2.0
#include "store/aws_credentials.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "store/aws_metadata.h"
#include "store/aws_profile.h"
#include "store/s3_server_for_test.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// A home without AWS files, and no machine that lends credentials.
class AwsCredentialsTest : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("no_proxy", "127.0.0.1", 1);
    fs::remove_all(home_);
    fs::create_directories(home_ / ".aws");
    variables_ = {{"HOME", home_.string()}, {"AWS_EC2_METADATA_DISABLED", "true"}};
  }
  void TearDown() override { fs::remove_all(home_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(home_ / ".aws" / name) << text;
  }
  AwsCredentials find() const { return find_aws_credentials(variables_of(variables_)); }
  std::string failure(Fault fault) const {
    try {
      find();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
  }

  const fs::path home_ =
      fs::path(testing::TempDir()) / ("aws_credentials." + std::to_string(::getpid()));
  VariablesForTest variables_;
};

TEST_F(AwsCredentialsTest, without_any_the_message_names_the_places) {
  EXPECT_THAT(failure(Fault::Environment),
              HasSubstr("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"));
}

TEST_F(AwsCredentialsTest, the_environment_goes_before_a_profile) {
  write("credentials", "[default]\naws_access_key_id = P\naws_secret_access_key = S\n");
  EXPECT_EQ(find().access_key_id, "P");
  EXPECT_EQ(find().origin, "profile 'default'");
  variables_["AWS_ACCESS_KEY_ID"] = "E";
  EXPECT_THAT(failure(Fault::User), HasSubstr("AWS_SECRET_ACCESS_KEY is not set"));
  variables_["AWS_SECRET_ACCESS_KEY"] = "T";
  variables_["AWS_SESSION_TOKEN"] = "token";
  EXPECT_EQ(find().access_key_id, "E");
  EXPECT_EQ(find().session_token, "token");
  EXPECT_FALSE(find().expires);
}

TEST_F(AwsCredentialsTest, a_profile_is_read_from_both_files_and_the_credentials_file_wins) {
  write("credentials",
        "# ours\n[other]\naws_access_key_id=no\n\n[farm]\nAWS_ACCESS_KEY_ID = A\n"
        "aws_secret_access_key = S=1/+\n; a note\naws_session_token = T\n");
  write(
      "config",
      "[default]\nregion = us-west-2\n[profile farm]\nregion = af-south-1\naws_access_key_id = B\n"
      "s3 =\n  addressing_style = path\n");
  variables_["AWS_PROFILE"] = "farm";
  const AwsCredentials found = find();
  EXPECT_EQ(found.access_key_id, "A");
  EXPECT_EQ(found.secret_access_key, "S=1/+");
  EXPECT_EQ(found.session_token, "T");
  EXPECT_EQ(aws_region(variables_of(variables_)), "af-south-1");
  variables_["AWS_DEFAULT_REGION"] = "eu-central-1";
  EXPECT_EQ(aws_region(variables_of(variables_)), "eu-central-1");
  variables_["AWS_REGION"] = "eu-north-1";
  EXPECT_EQ(aws_region(variables_of(variables_)), "eu-north-1");
}

TEST_F(AwsCredentialsTest, files_may_lie_elsewhere) {
  write("mine", "[default]\naws_access_key_id = M\naws_secret_access_key = S\n");
  write("my-config", "[default]\nregion = eu-west-3\n");
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = (home_ / ".aws/mine").string();
  variables_["AWS_CONFIG_FILE"] = (home_ / ".aws/my-config").string();
  EXPECT_EQ(find().access_key_id, "M");
  EXPECT_EQ(aws_region(variables_of(variables_)), "eu-west-3");
}

TEST_F(AwsCredentialsTest, a_profile_that_is_not_there_or_says_too_little_is_refused_by_name) {
  variables_["AWS_PROFILE"] = "farm";
  EXPECT_THAT(failure(Fault::User), HasSubstr("there is no profile 'farm'"));
  write("config", "[profile farm]\nregion = x\n");
  EXPECT_THAT(failure(Fault::User), HasSubstr("has no aws_access_key_id"));
  write("config", "[profile farm]\nrole_arn = arn:aws:iam::1:role/x\n");
  EXPECT_THAT(failure(Fault::User),
              AllOf(HasSubstr("uses role_arn"),
                    HasSubstr("aws configure export-credentials --profile farm")));
  write("config", "[profile farm\n");
  EXPECT_THAT(failure(Fault::User), HasSubstr("config:1: ']' is missing"));
  write("config", "[profile farm]\nnonsense\n");
  EXPECT_THAT(failure(Fault::User), HasSubstr("config:2: is not of the form key = value"));
}

TEST_F(AwsCredentialsTest, a_container_is_asked_with_its_token) {
  HttpServerForTest container([](const RequestForTest& request) {
    if (request.target != "/get-credentials" || request.headers.at("authorization") != "secret")
      return HttpServerForTest::answer(401, "");
    return HttpServerForTest::answer(
        200,
        R"({"AccessKeyId":"C","SecretAccessKey":"S","Token":"T","Expiration":"2026-11-23T18:00:00Z"})");
  });
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url() + "/get-credentials";
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "secret";
  EXPECT_EQ(find().access_key_id, "C");
  EXPECT_EQ(find().session_token, "T");
  EXPECT_EQ(find().expires, 1'795'456'800);
  write("token", "secret\n");
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "old";
  EXPECT_THAT(failure(Fault::Environment), HasSubstr("answers HTTP 401"));
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = (home_ / ".aws/token").string();
  EXPECT_EQ(find().access_key_id, "C");
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/nowhere";
  EXPECT_THAT(failure(Fault::Environment), HasSubstr("/nowhere cannot be read"));
}

TEST_F(AwsCredentialsTest, a_container_token_is_sent_to_no_stranger) {
  for (const char* url : {"http://example.org/x",
                          "http://127.0.0.1@example.org/",
                          "ftp://127.0.0.1",
                          "http://127.0.0.1.example.org/"}) {
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    EXPECT_THAT(failure(Fault::User), HasSubstr("is neither https nor an address of this machine"))
        << url;
  }
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1/";
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "two\r\nlines";
  EXPECT_THAT(failure(Fault::User), HasSubstr("more than one line"));
}

TEST_F(AwsCredentialsTest, an_instance_is_asked_with_a_session_token) {
  HttpServerForTest instance([](const RequestForTest& request) {
    if (request.method == "PUT" && request.target == "/latest/api/token")
      return request.headers.count("x-aws-ec2-metadata-token-ttl-seconds")
                 ? HttpServerForTest::answer(200, "T0")
                 : HttpServerForTest::answer(400, "");
    const bool is_known = request.headers.count("x-aws-ec2-metadata-token") &&
                          request.headers.at("x-aws-ec2-metadata-token") == "T0";
    if (!is_known) return HttpServerForTest::answer(401, "");
    if (request.target == "/latest/meta-data/iam/security-credentials/")
      return HttpServerForTest::answer(200, "farm-role\n");
    if (request.target == "/latest/meta-data/iam/security-credentials/farm-role")
      return HttpServerForTest::answer(
          200,
          R"({"Code":"Success","AccessKeyId":"I","SecretAccessKey":"S","Token":"T","Expiration":"2026-11-23T18:00:00Z"})");
    return HttpServerForTest::answer(404, "");
  });
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = instance.url() + "/";
  EXPECT_THAT(failure(Fault::Environment), HasSubstr("no AWS credentials"));
  variables_["AWS_EC2_METADATA_DISABLED"] = "false";
  EXPECT_EQ(find().access_key_id, "I");
  EXPECT_EQ(find().origin, "the instance's role 'farm-role'");
  EXPECT_EQ(find().expires, 1'795'456'800);
}

TEST_F(AwsCredentialsTest, a_server_that_lends_wrongly_is_named) {
  std::string body;
  int status = 200;
  HttpServerForTest container(
      [&](const RequestForTest&) { return HttpServerForTest::answer(status, body); });
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url();
  for (const auto& [sent, said] :
       {std::pair("no json", "not a JSON object"),
        std::pair("{}", "AccessKeyId or SecretAccessKey is missing"),
        std::pair(R"({"Code":"Failed","Message":"why"})", "Failed: why"),
        std::pair(R"({"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"soon"})",
                  "'soon' is not a time")}) {
    body = sent;
    EXPECT_THAT(failure(Fault::Environment), HasSubstr(said));
  }
  status = 500;
  const int before = container.requests();
  EXPECT_THAT(failure(Fault::Environment), HasSubstr("answers HTTP 500"));
  EXPECT_EQ(container.requests(), before + 2) << "asked twice";
}

TEST_F(AwsCredentialsTest, lent_credentials_are_kept_and_fetched_anew_before_they_expire) {
  std::atomic<int> looks = 0;
  std::atomic<bool> is_well = true;
  std::atomic<std::time_t> now = 1'795'450'000;
  HttpServerForTest container([&](const RequestForTest&) {
    if (!is_well) return HttpServerForTest::answer(503, "");
    ++looks;
    std::time_t end = now + 3600;
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&end));
    return HttpServerForTest::answer(200,
                                     R"({"AccessKeyId":"K)" + std::to_string(looks.load()) +
                                         R"(","SecretAccessKey":"S","Token":"T","Expiration":")" +
                                         text + "\"}");
  });
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = container.url();
  AwsCredentialSource source(variables_of(variables_), [&] { return now.load(); });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(source.get().access_key_id, "K1");
  now += 3200;
  EXPECT_EQ(source.get().access_key_id, "K1") << "400 s are left";
  now += 150;
  EXPECT_EQ(source.get().access_key_id, "K2") << "250 s were left";
  EXPECT_EQ(looks, 2);

  is_well = false;
  now += 3400;
  EXPECT_EQ(source.get().access_key_id, "K2") << "they still hold";
  now += 300;
  EXPECT_THROW(source.get(), Error) << "they do not";
  is_well = true;
  EXPECT_EQ(source.get().access_key_id, "K3");
  EXPECT_TRUE(source.refuse());
  EXPECT_EQ(source.get().access_key_id, "K4");
}

TEST_F(AwsCredentialsTest, credentials_that_never_expire_are_not_looked_for_again) {
  variables_["AWS_ACCESS_KEY_ID"] = "E";
  variables_["AWS_SECRET_ACCESS_KEY"] = "T";
  AwsCredentialSource source(variables_of(variables_));
  EXPECT_EQ(source.get().access_key_id, "E");
  EXPECT_FALSE(source.refuse());
}

}  // namespace
}  // namespace canopy
