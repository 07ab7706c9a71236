// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/s3_address.h"
#include "store/aws_credentials.h"

// Credentials that a machine at AWS is lent by a small HTTP server beside it. The variables that
// switch these on are said in store/aws_credentials.h. Both are asked without a proxy, with short
// timeouts, twice at most. Nothing comes back where there is no such server; a server that answers
// wrongly throws Environment.

namespace canopy {

/// Of ECS or EKS: only https, loopback and the addresses that AWS names are asked
/// (169.254.170.2, 169.254.170.23, [fd00:ec2::23]); others throw User.
std::optional<AwsCredentials> container_credentials(const Variables& variables);

/// Of EC2, from AWS_EC2_METADATA_SERVICE_ENDPOINT or http://169.254.169.254: a token by PUT, then
/// the role's name, then its credentials.
std::optional<AwsCredentials> instance_credentials(const Variables& variables);

/// "2026-11-23T18:00:00Z" as seconds since 1970. Throws Environment when it is no such time.
std::time_t time_of_utc(const std::string& text);

}  // namespace canopy
