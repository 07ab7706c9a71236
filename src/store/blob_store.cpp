// SPDX-License-Identifier: Apache-2.0
#include "store/blob_store.h"

#include <algorithm>

#include "base/error.h"
#include "base/s3_address.h"
#include "store/folder_store.h"
#ifdef CANOPY_S3
#include "store/s3_store.h"
#endif

namespace canopy {
namespace {

bool may_stand(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '=';
}

}  // namespace

void require_blob_name(const std::string& name) {
  const auto refuse = [&](const char* why) {
    throw Error(Fault::User, "'" + name + "' cannot name a blob: " + why);
  };
  if (name.empty()) refuse("it is empty");
  if (name.size() > 1024) refuse("it is longer than 1,024 characters");
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    if (part.empty()) refuse("a part between '/' is empty");
    if (part.size() > 200) refuse("a part is longer than 200 characters");
    if (part == "." || part == "..") refuse("'.' and '..' are not allowed");
    for (const char c : part)
      if (!may_stand(c)) refuse("use letters, digits, '-', '_', '.', '=' and '/'");
    begin = end + 1;
  }
}

std::unique_ptr<BlobStore> open_blob_store(const std::string& url) {
  require(!url.empty(), "a store's address is empty; give a folder");
  const std::size_t scheme = url.find("://");
#ifdef CANOPY_S3
  if (is_s3_address(url)) return std::make_unique<S3Store>(parse_s3_address(url));
#else
  require(!is_s3_address(url), [&] {
    return url +
           ": this build (CANOPY_CORE_ONLY) reads folders alone; bring the examples here with "
           "'aws s3 sync', or build with libcurl";
  });
#endif
  require(scheme == std::string::npos, [&] {
    return url + ": '" + url.substr(0, scheme) +
           "' is not a kind of store; use a folder or s3://BUCKET/PREFIX";
  });
  return std::make_unique<FolderStore>(url);
}

}  // namespace canopy
