// SPDX-License-Identifier: Apache-2.0
#include "store/s3_error.h"

#include "store/s3_client.h"

namespace canopy {
namespace {

std::string answer_of(const S3Reply& reply) {
  return "HTTP " + std::to_string(reply.http.status) + (reply.code.empty() ? "" : " " + reply.code);
}

std::string remedy_of_403(const S3Reply& reply, const S3Circumstances& at) {
  const std::string who = "the credentials from " + at.origin;
  if (reply.code == "SignatureDoesNotMatch")
    return "the secret key from " + at.origin +
           " is not that of its key id; mend "
           "AWS_SECRET_ACCESS_KEY or the profile";
  if (reply.code == "InvalidAccessKeyId")
    return "the server does not know the key id from " + at.origin +
           "; mend AWS_ACCESS_KEY_ID or the profile";
  if (reply.code == "RequestTimeTooSkewed") return "this machine's clock is wrong; set it";
  if (reply.code == "ExpiredToken" || reply.code == "InvalidToken")
    return who + " have expired or are no session of this account; get new ones";
  return who +
         " may not do this; they need s3:GetObject, s3:PutObject and s3:DeleteObject on "
         "the objects and s3:ListBucket on the bucket (without which S3 answers 403 for names that "
         "are not there)";
}

bool is_wrong_region(const S3Reply& reply, const S3Circumstances& at) {
  const int status = reply.http.status;
  return status == 301 || status == 307 || reply.code == "AuthorizationHeaderMalformed" ||
         reply.code == "PermanentRedirect" || reply.code == "IncorrectEndpoint" ||
         (status == 400 && !reply.region.empty() && reply.region != at.region);
}

}  // namespace

Error s3_error(const S3Reply& reply, const S3Circumstances& at) {
  const auto say = [&](Fault fault, const std::string& words) {
    return Error(fault, at.what + ": " + words + " (" + answer_of(reply) + ")");
  };
  if (reply.code == "NoSuchBucket")
    return say(Fault::NotFound,
               "there is no bucket '" + at.bucket + "' at " + at.server +
                   "; make it with 'aws s3 mb s3://" + at.bucket + "', or mend the address");
  if (reply.http.status == 404) return say(Fault::NotFound, "there is no such blob");
  if (is_wrong_region(reply, at)) {
    const bool is_told = !reply.region.empty() && reply.region != at.region;
    return say(Fault::User,
               "the bucket is not in region '" + at.region + "'" +
                   (is_told ? " but in '" + reply.region + "'; set AWS_REGION=" + reply.region
                            : "; set AWS_REGION to the bucket's"));
  }
  if (reply.http.status == 403) return say(Fault::Environment, remedy_of_403(reply, at));
  if (reply.http.status == 501)
    return say(Fault::Environment,
               at.server + " lacks what Canopy needs: PUT with 'If-None-Match: *'");
  const std::string said = reply.message.empty() ? "" : ": " + reply.message;
  return say(Fault::Environment, at.server + " refused" + said);
}

}  // namespace canopy
