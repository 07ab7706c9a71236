// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

// The file of a picture, wherever it lies: a path, or s3://bucket/key, which GDAL reads in ranges
// through its /vsis3/. Server, region and credentials are those of the store (base/s3_address.h,
// store/aws_credentials.h), as far as GDAL 3.6 looks for them itself: the environment, the profile,
// ECS's AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and the instance's metadata, but not
// AWS_CONTAINER_CREDENTIALS_FULL_URI. Requests that fail for a while are repeated
// by GDAL (GDAL_HTTP_MAX_RETRY, GDAL_HTTP_RETRY_DELAY; 8 and half a second unless set), and those
// whose answer was cut short or reset by us (`may_try_again`). Files beside the
// picture (.ovr, .msk, .aux.xml) are not looked for on S3.

namespace canopy {

/// Throws NotFound when there is no such file, bucket or key, User when it is a folder or the
/// region is wrong, Environment when it may not be read; each with what to do.
void require_picture_file(const std::filesystem::path& path);

/// The name by which GDAL opens it: "/vsis3/bucket/key", or the path itself.
std::string gdal_name_of(const std::filesystem::path& path);

/// After the `failures`th failure to read it (1 and up): whether to try again. Waits before it says
/// yes, and makes GDAL forget what it has of the file, which may be a piece cut short. Always false
/// for files of a disk, after the fourth failure, and when the user asked the program to stop.
bool may_try_again(const std::filesystem::path& path, int failures);

/// Its SHA-256, read once from end to end.
std::string sha256_of_picture_file(const std::filesystem::path& path);

}  // namespace canopy
