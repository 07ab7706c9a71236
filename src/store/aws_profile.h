// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/s3_address.h"

// The profile that AWS tools would use: AWS_PROFILE (else "default") out of
// AWS_SHARED_CREDENTIALS_FILE (else ~/.aws/credentials), section [name], and AWS_CONFIG_FILE (else
// ~/.aws/config), section [profile name]. A key of the first file wins over one of the second.
// Indented lines, as below "s3 =", are passed over.

namespace canopy {

struct AwsProfile {
  std::string name;
  bool was_asked_for = false;                       ///< by AWS_PROFILE
  std::map<std::string, std::string> values;        ///< keys in lower case
  std::string value(const std::string& key) const;  ///< "" where it is missing
};

/// Nothing where no file has the profile. Throws User when AWS_PROFILE names one that is nowhere,
/// or a file cannot be understood (with its line).
std::optional<AwsProfile> read_aws_profile(const Variables& variables);

/// AWS_REGION, else AWS_DEFAULT_REGION, else the profile's, else us-east-1.
std::string aws_region(const Variables& variables);

}  // namespace canopy
