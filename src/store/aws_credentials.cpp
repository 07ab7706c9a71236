// SPDX-License-Identifier: Apache-2.0
#include "store/aws_credentials.h"

#include "base/error.h"
#include "base/log.h"
#include "store/aws_metadata.h"
#include "store/aws_profile.h"

namespace canopy {
namespace {

constexpr std::time_t kRefreshBefore_s = 300, kBetweenLooks_s = 10;

std::optional<AwsCredentials> from_environment(const Variables& variables) {
  AwsCredentials found{variables("AWS_ACCESS_KEY_ID"),
                       variables("AWS_SECRET_ACCESS_KEY"),
                       variables("AWS_SESSION_TOKEN"),
                       "the environment",
                       std::nullopt};
  if (found.access_key_id.empty() && found.secret_access_key.empty()) return std::nullopt;
  require(!found.access_key_id.empty(),
          "AWS_ACCESS_KEY_ID is not set, AWS_SECRET_ACCESS_KEY is; set both");
  require(!found.secret_access_key.empty(),
          "AWS_SECRET_ACCESS_KEY is not set, AWS_ACCESS_KEY_ID is; set both");
  return found;
}

std::optional<AwsCredentials> from_profile(const Variables& variables) {
  const std::optional<AwsProfile> profile = read_aws_profile(variables);
  if (!profile) return std::nullopt;
  const std::string name = "profile '" + profile->name + "'";
  AwsCredentials found{profile->value("aws_access_key_id"),
                       profile->value("aws_secret_access_key"),
                       profile->value("aws_session_token"),
                       name,
                       std::nullopt};
  if (!found.access_key_id.empty() && !found.secret_access_key.empty()) return found;
  for (const char* key : {"role_arn", "sso_session", "sso_start_url", "credential_process"})
    require(profile->value(key).empty(), [&] {
      return name + ": uses " + key +
             ", which Canopy does not follow; run 'eval \"$(aws configure export-credentials "
             "--profile " +
             profile->name + " --format env)\"' first";
    });
  require(!profile->was_asked_for, [&] {
    return name +
           ": has no aws_access_key_id and aws_secret_access_key; add them with 'aws "
           "configure --profile " +
           profile->name + "'";
  });
  return std::nullopt;
}

}  // namespace

AwsCredentials find_aws_credentials(const Variables& variables) {
  using Place = std::optional<AwsCredentials> (*)(const Variables&);
  for (const Place place :
       {from_environment, from_profile, container_credentials, instance_credentials})
    if (std::optional<AwsCredentials> found = place(variables)) return *found;
  throw Error(
      Fault::Environment,
      "no AWS credentials in the environment, a profile, a container's endpoint or an "
      "instance's metadata; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
}

AwsCredentialSource::AwsCredentialSource(Variables variables, Clock clock)
    : variables_(std::move(variables)), clock_(std::move(clock)) {}

AwsCredentials AwsCredentialSource::get() {
  std::lock_guard lock(mutex_);
  const std::time_t now = clock_();
  const bool is_fresh = known_ && (!known_->expires || *known_->expires - now >= kRefreshBefore_s);
  if (is_fresh) return *known_;
  const bool still_holds = known_ && *known_->expires > now;
  if (still_holds && now - looked_at_ < kBetweenLooks_s) return *known_;
  looked_at_ = now;
  try {
    known_ = find_aws_credentials(variables_);
  } catch (const Error& error) {
    if (!still_holds) throw;
    log_warning(std::string("AWS credentials could not be refreshed: ") + error.what());
  }
  return *known_;
}

bool AwsCredentialSource::refuse() {
  std::lock_guard lock(mutex_);
  if (!known_ || !known_->expires) return false;
  known_.reset();
  return true;
}

}  // namespace canopy
