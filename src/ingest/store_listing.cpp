// SPDX-License-Identifier: Apache-2.0
#include "ingest/store_listing.h"

#include <algorithm>

namespace canopy {
namespace {

/// As example_path names them: 2 digits, a slash, 62 digits.
bool is_example(const std::string& name) {
  constexpr const char* kEnding = ".example.gz";
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return name.size() == 65 + 11 && name[2] == '/' && name.ends_with(kEnding) &&
         std::all_of(name.begin(), name.begin() + 2, is_digit) &&
         std::all_of(name.begin() + 3, name.begin() + 65, is_digit);
}

}  // namespace

StoreListing list_store(const BlobStore& store) {
  StoreListing listing;
  store.list("", [&](const std::string& name, std::int64_t bytes) {
    if (name.starts_with("ingests/") && name.ends_with(".json"))
      listing.manifests.push_back(name);
    else if (is_example(name))
      listing.examples.emplace(name, bytes);
  });
  return listing;
}

}  // namespace canopy
