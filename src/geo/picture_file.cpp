// SPDX-License-Identifier: Apache-2.0
#include "geo/picture_file.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <cpl_vsi_error.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/random.h"
#include "base/s3_address.h"
#include "geo/gdal_errors.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

using VsiFile = std::unique_ptr<VSILFILE, decltype(&VSIFCloseL)>;

void prefer(const char* option, const std::string& value) {
  if (!value.empty()) CPLSetConfigOption(option, value.c_str());
}

/// AWS's variables under the names that GDAL has for them.
void tell_gdal_about_s3() {
  const Variables variables = process_variables();
  const S3Endpoint endpoint = s3_endpoint(variables);
  if (!endpoint.is_amazon) {
    prefer("AWS_S3_ENDPOINT", endpoint.host);
    prefer("AWS_HTTPS", endpoint.is_https ? "YES" : "NO");
    prefer("AWS_VIRTUAL_HOSTING", "FALSE");
  }
  prefer("CPL_AWS_CREDENTIALS_FILE", variables("AWS_SHARED_CREDENTIALS_FILE"));
  prefer("CPL_AWS_EC2_API_ROOT_URL", variables("AWS_EC2_METADATA_SERVICE_ENDPOINT"));
  if (variables("GDAL_HTTP_MAX_RETRY").empty()) prefer("GDAL_HTTP_MAX_RETRY", "8");
  if (variables("GDAL_HTTP_RETRY_DELAY").empty()) prefer("GDAL_HTTP_RETRY_DELAY", "0.5");
}

/// What GDAL and S3 said about a file that did not open, in one line.
std::string words_of(const GdalErrors& errors) {
  const char* const said = VSIGetLastErrorMsg();
  return !errors.text().empty() ? errors.text() : said == nullptr ? "" : said;
}

/// Why s3://... did not open, when asking again would not help.
std::optional<Error> refusal(const fs::path& path, const std::string& words) {
  const int code = VSIGetLastErrorNo();
  const std::string what = path.string() + ": ", tail = words.empty() ? "" : " (" + words + ")";
  const auto has = [&](const char* part) { return words.find(part) != std::string::npos; };
  if (code == VSIE_AWSBucketNotFound || has("NoSuchBucket"))
    return Error(Fault::NotFound,
                 what + "there is no bucket '" + parse_s3_address(path.string()).bucket +
                     "'; mend the address" + tail);
  if (has("AuthorizationHeaderMalformed") || has("PermanentRedirect") || has("301"))
    return Error(Fault::User,
                 what + "the bucket is in another region; set AWS_REGION to it" + tail);
  if (code == VSIE_AWSAccessDenied || code == VSIE_AWSSignatureDoesNotMatch || has("403"))
    return Error(Fault::Environment,
                 what +
                     "may not be read (403); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or "
                     "AWS_PROFILE, which need s3:GetObject" +
                     tail);
  if (code == VSIE_AWSInvalidCredentials)
    return Error(Fault::Environment,
                 what +
                     "there are no AWS credentials; set AWS_ACCESS_KEY_ID and "
                     "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE" +
                     tail);
  if (code == VSIE_AWSObjectNotFound || has("404") || words.empty())
    return Error(Fault::NotFound, what + "there is no such object; mend the address" + tail);
  return std::nullopt;
}

/// Throws what `require_picture_file` does.
VsiFile open_file(const fs::path& path) {
  const std::string name = gdal_name_of(path);
  for (int failures = 1;; ++failures) {
    GdalErrors errors;
    VSIErrorReset();
    VsiFile file(VSIFOpenExL(name.c_str(), "rb", TRUE), VSIFCloseL);
    if (file) return file;
    const std::string words = words_of(errors);
    const std::optional<Error> why = refusal(path, words);
    VSICurlPartialClearCache(name.c_str());
    if (why) throw *why;
    if (!may_try_again(path, failures))
      throw Error(Fault::Environment,
                  path.string() + ": cannot be read; check the network and AWS_ENDPOINT_URL_S3 (" +
                      words + ")");
  }
}

}  // namespace

std::string gdal_name_of(const fs::path& path) {
  if (!is_s3_address(path.string())) return path.string();
  tell_gdal_about_s3();
  const S3Address address = parse_s3_address(path.string());
  return "/vsis3/" + address.bucket + "/" + address.key;
}

void require_picture_file(const fs::path& path) {
  const std::string text = path.string();
  if (!is_s3_address(text)) {
    if (!fs::exists(path)) throw Error(Fault::NotFound, text + ": no such file");
    require(!fs::is_directory(path), [&] { return text + ": is a folder; give a picture's file"; });
    return;
  }
  require(!parse_s3_address(text).key.empty(),
          [&] { return text + ": is a bucket; give a picture's key"; });
  open_file(path);
}

bool may_try_again(const fs::path& path, int failures) {
  constexpr int kMost = 4;
  if (!is_s3_address(path.string()) || failures >= kMost) return false;
  VSICurlPartialClearCache(gdal_name_of(path).c_str());
  const double longest_s = CPLAtof(CPLGetConfigOption("GDAL_HTTP_RETRY_DELAY", "0.5")) * failures;
  // Many threads may have failed at once; they do not come back at once.
  static std::atomic<std::uint64_t> waits = 0;
  const double wait_s = longest_s * (0.5 + 0.5 * Random(0, waits++).uniform());
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(wait_s);
  while (std::chrono::steady_clock::now() < until && interrupted() == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  return interrupted() == 0;
}

std::string sha256_of_picture_file(const fs::path& path) {
  if (!is_s3_address(path.string())) return sha256_of_file(path);
  // Large pieces: each is one request.
  std::vector<std::uint8_t> piece(8 << 20);
  const VsiFile file = open_file(path);
  VSIFSeekL(file.get(), 0, SEEK_END);
  const vsi_l_offset size = VSIFTellL(file.get());
  VSIFSeekL(file.get(), 0, SEEK_SET);
  Sha256 digest;
  vsi_l_offset at = 0;
  for (int failures = 0; at < size;) {
    GdalErrors errors;
    const std::size_t count = VSIFReadL(piece.data(), 1, piece.size(), file.get());
    if (count == 0 && may_try_again(path, ++failures)) {
      VSIFSeekL(file.get(), at, SEEK_SET);
      continue;
    }
    if (count == 0)
      throw Error(Fault::Environment,
                  path.string() + ": breaks off after " + std::to_string(at) + " of " +
                      std::to_string(size) + " bytes" + errors.suffix() + "; run it again");
    digest.update(std::span(piece.data(), count));
    at += count;
    failures = 0;
  }
  return digest.hex();
}

}  // namespace canopy
