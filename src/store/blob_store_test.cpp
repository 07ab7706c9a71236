// SPDX-License-Identifier: Apache-2.0
#include "store/blob_store.h"

#include <unistd.h>

#include <filesystem>

#include "store/blob_store_contract.h"
#include "store/folder_store.h"
#include "store/s3_server_for_test.h"
#include "store/s3_store.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

BlobStoreFactory in_a_folder() {
  const fs::path place =
      fs::path(testing::TempDir()) / ("blob_store." + std::to_string(::getpid()));
  return {[place] {
            fs::remove_all(place);
            return std::make_unique<FolderStore>(place);
          },
          [place] { return std::make_unique<FolderStore>(place); }};
}

std::unique_ptr<BlobStore> in_bucket(bool is_fresh, const std::string& prefix) {
  static S3ServerForTest server;
  static int buckets = 0;
  if (is_fresh) server.make_bucket("bucket-" + std::to_string(++buckets));
  return std::make_unique<S3Store>(
      parse_s3_address("s3://bucket-" + std::to_string(buckets) + prefix),
      S3Options{.variables = variables_of(server.environment())});
}

BlobStoreFactory in_a_bucket(const std::string& prefix) {
  return {[prefix] { return in_bucket(true, prefix); },
          [prefix] { return in_bucket(false, prefix); }};
}

INSTANTIATE_TEST_SUITE_P(Folder, BlobStoreContract, testing::Values(in_a_folder()));
INSTANTIATE_TEST_SUITE_P(S3, BlobStoreContract, testing::Values(in_a_bucket("")));
INSTANTIATE_TEST_SUITE_P(S3Prefix,
                         BlobStoreContract,
                         testing::Values(in_a_bucket("/farm=7/examples")));

}  // namespace
}  // namespace canopy
