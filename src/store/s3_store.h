// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>

#include "store/blob_store.h"
#include "store/s3_client.h"

// A blob store in a bucket, or below a prefix of one. Any number of threads and processes may use
// it at once; threads of one store share its connections, and each call that waits is one more
// request in flight.
//
//  1. A read is one GET; its length is held against Content-Length.
//  2. A write is one PUT with 'If-None-Match: *': the server lets exactly one writer win and
//  answers
//     the others with 412. The PUT carries the SHA-256 of its body, which the server checks.
//  3. A PUT whose answer was lost is sent again, by us or by libcurl itself, and is then told 412
//  by
//     its own first attempt. Each PUT therefore carries a mark of its writer
//     (x-amz-meta-canopy-writer), and after a 412 one HEAD tells whose the blob is. So
//     `put_if_absent` is right about who made it.
//  4. A size is one HEAD. It has no words for "no such bucket": the first 404 is followed by one
//     question about the bucket.
//  5. A listing is one request per 1,000 names, each continuing the one before.
//
// What is repeated, and when, is said in store/retry_policy.h; S3 has strong consistency, so what
// is acknowledged is seen by every later read.

namespace canopy {

class S3Store : public BlobStore {
 public:
  /// Sends nothing yet. Throws User for a prefix that blobs cannot lie below.
  explicit S3Store(const S3Address& place, S3Options options = {});

  std::vector<std::uint8_t> get(const std::string& name) const override;
  bool put_if_absent(const std::string& name, std::span<const std::uint8_t> bytes) override;
  std::int64_t size(const std::string& name) const override;
  void list(const std::string& prefix,
            const std::function<void(const std::string&, std::int64_t)>& visit) const override;
  void remove(const std::string& name) override;
  std::string address_of(const std::string& name) const override;
  int reads_in_flight() const override { return 32; }

  /// The most requests that were in flight at one time.
  int peak_in_flight() const { return client_.peak_in_flight(); }

 private:
  std::string key_of(const std::string& name) const;
  void require_bucket(const std::string& what) const;
  [[noreturn]] void explain(const S3Request& request, const std::string& what) const;

  mutable S3Client client_;
  const std::string base_;  ///< what keys begin with: "" or "prefix/"
  mutable std::atomic<bool> bucket_is_there_ = false;
};

}  // namespace canopy
