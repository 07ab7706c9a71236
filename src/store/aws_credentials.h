// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/s3_address.h"

// Who we are to AWS, found where AWS tools look and in their order:
//
//  1. the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN;
//  2. the profile (store/aws_profile.h): aws_access_key_id, aws_secret_access_key,
//     aws_session_token;
//  3. the container's endpoint: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or ..._FULL_URI, with
//     AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or ..._TOKEN (ECS, EKS Pod Identity);
//  4. the instance's metadata service (EC2), version 2 with its session token, unless
//     AWS_EC2_METADATA_DISABLED is "true".
//
// Those of 3 and 4 expire and are fetched anew before they do. Assumed roles, SSO and
// credential_process of a profile are not followed; the message says what to type instead.

namespace canopy {

struct AwsCredentials {
  std::string access_key_id, secret_access_key;
  std::string session_token;           ///< may be empty
  std::string origin;                  ///< for people: "the environment", "profile 'x'", ...
  std::optional<std::time_t> expires;  ///< nothing: never
};

/// One look through the places above. Throws Environment when none has any, naming them, and User
/// when a profile is wrong.
AwsCredentials find_aws_credentials(const Variables& variables);

/// Credentials that do not go stale. Thread-safe.
class AwsCredentialSource {
 public:
  using Clock = std::function<std::time_t()>;
  explicit AwsCredentialSource(
      Variables variables, Clock clock = [] { return std::time(nullptr); });

  /// Those of the last look; looked for anew when they expire in less than five minutes (at most
  /// once in ten seconds). While the old ones hold, a look that fails is only logged.
  AwsCredentials get();
  /// The server called them expired: the next `get` looks again. False where that is no use, since
  /// they do not expire.
  bool refuse();

 private:
  const Variables variables_;
  const Clock clock_;
  std::mutex mutex_;
  std::optional<AwsCredentials> known_;
  std::time_t looked_at_ = 0;
};

}  // namespace canopy
