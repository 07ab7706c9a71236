// SPDX-License-Identifier: Apache-2.0
#include "store/blob_store.h"

#include <algorithm>

#include "base/error.h"
#include "store/folder_store.h"

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
  require(url.rfind("s3://", 0) != 0,
          [&] { return url + ": s3:// stores are not in this build; use a folder"; });
  require(scheme == std::string::npos, [&] {
    return url + ": '" + url.substr(0, scheme) + "' is not a kind of store; use a folder";
  });
  return std::make_unique<FolderStore>(url);
}

}  // namespace canopy
