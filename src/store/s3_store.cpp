// SPDX-License-Identifier: Apache-2.0
#include "store/s3_store.h"

#include <charconv>
#include <pugixml.hpp>
#include <random>

#include "base/error.h"
#include "base/random.h"

namespace canopy {
namespace {

constexpr char kWriterHeader[] = "x-amz-meta-canopy-writer";

/// A mark that no other call in any process has.
std::string new_writer_mark() {
  static const std::uint64_t process = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
  }();
  static std::atomic<std::uint64_t> calls = 0;
  Random random(process, calls++);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string mark;
  for (int i = 0; i < 32; ++i) mark += kDigits[random.below(16)];
  return mark;
}

std::string percent_decode(const std::string& text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_code =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (is_code) {
      decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::int64_t number_of(const std::string& text, const std::string& what) {
  std::int64_t number = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < 0)
    throw Error(Fault::Environment, what + ": the server gives the size '" + text + "'");
  return number;
}

bool is_blob_name(const std::string& name) {
  try {
    require_blob_name(name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

S3Store::S3Store(const S3Address& place, S3Options options)
    : client_(place, std::move(options)), base_(place.key.empty() ? "" : place.key + "/") {
  if (!place.key.empty()) require_blob_name(place.key);
}

std::string S3Store::key_of(const std::string& name) const {
  require_blob_name(name);
  require(base_.size() + name.size() <= 1024,
          [&] { return "'" + name + "' is longer than an S3 key can be; use a shorter prefix"; });
  return base_ + name;
}

std::string S3Store::address_of(const std::string& name) const {
  return "s3://" + client_.address().bucket + "/" + key_of(name);
}

std::vector<std::uint8_t> S3Store::get(const std::string& name) const {
  S3Request request;
  request.key = key_of(name);
  S3Reply reply = client_.send(request);
  if (!reply.ok()) throw client_.error_of(reply, address_of(name));
  return std::move(reply.http.body);
}

bool S3Store::put_if_absent(const std::string& name, std::span<const std::uint8_t> bytes) {
  const std::string mark = new_writer_mark();
  S3Request request;
  request.method = "PUT";
  request.key = key_of(name);
  request.body = bytes;
  request.headers = {"If-None-Match: *",
                     std::string(kWriterHeader) + ": " + mark,
                     "Content-Type: application/octet-stream"};
  const S3Reply reply = client_.send(request);
  if (reply.ok()) return true;
  if (reply.http.status != 412) throw client_.error_of(reply, address_of(name));
  S3Request look;
  look.method = "HEAD";
  look.key = request.key;
  return client_.send(look).http.header(kWriterHeader) == mark;
}

std::int64_t S3Store::size(const std::string& name) const {
  S3Request request;
  request.method = "HEAD";
  request.key = key_of(name);
  const S3Reply reply = client_.send(request);
  if (reply.http.status == 404) {
    require_bucket(address_of(name));
    return -1;
  }
  if (!reply.ok()) explain(request, address_of(name));
  bucket_is_there_ = true;
  return number_of(reply.http.header("content-length"), address_of(name));
}

void S3Store::require_bucket(const std::string& what) const {
  if (bucket_is_there_) return;
  S3Request request;
  request.query = {{"list-type", "2"}, {"max-keys", "1"}, {"prefix", base_}};
  const S3Reply reply = client_.send(request);
  if (reply.http.status == 404) throw client_.error_of(reply, what);
  bucket_is_there_ = true;
}

/// The answer to HEAD has no words: the same by GET, of one byte.
void S3Store::explain(const S3Request& request, const std::string& what) const {
  S3Request words = request;
  words.method = "GET";
  words.headers.push_back("Range: bytes=0-0");
  const S3Reply reply = client_.send(words);
  if (!reply.ok()) throw client_.error_of(reply, what);
  throw Error(Fault::Environment, what + ": the server gives the blob but not its size");
}

void S3Store::list(const std::string& prefix,
                   const std::function<void(const std::string&, std::int64_t)>& visit) const {
  const std::string what = "s3://" + client_.address().bucket + "/" + base_ + prefix;
  std::string token, last;
  do {
    S3Request request;
    if (!token.empty()) request.query.emplace_back("continuation-token", token);
    request.query.emplace_back("encoding-type", "url");
    request.query.emplace_back("list-type", "2");
    request.query.emplace_back("prefix", base_ + prefix);
    const S3Reply reply = client_.send(request);
    if (!reply.ok()) throw client_.error_of(reply, what);
    pugi::xml_document document;
    const bool is_xml = document.load_buffer(reply.http.body.data(), reply.http.body.size());
    const pugi::xml_node page = document.child("ListBucketResult");
    if (!is_xml || !page)
      throw Error(Fault::Environment, what + ": the server's listing is not what S3 sends");
    const bool is_encoded = std::string(page.child_value("EncodingType")) == "url";
    for (const pugi::xml_node item : page.children("Contents")) {
      std::string key = item.child_value("Key");
      if (is_encoded) key = percent_decode(key);
      if (key.rfind(base_ + prefix, 0) != 0) continue;
      const std::string name = key.substr(base_.size());
      if (!is_blob_name(name)) continue;
      // Directory buckets, S3's other kind, list as they like.
      if (name <= last)
        throw Error(Fault::Environment,
                    what + ": the server lists '" + name + "' after '" + last +
                        "', out of order; use a general purpose bucket");
      visit(name, number_of(item.child_value("Size"), key));
      last = name;
    }
    token = page.child_value("NextContinuationToken");
    const bool is_cut = std::string(page.child_value("IsTruncated")) == "true";
    if (is_cut && token.empty())
      throw Error(Fault::Environment, what + ": the listing breaks off without a continuation");
    if (!is_cut) token.clear();
  } while (!token.empty());
}

void S3Store::remove(const std::string& name) {
  S3Request request;
  request.method = "DELETE";
  request.key = key_of(name);
  const S3Reply reply = client_.send(request);
  const bool was_absent = reply.http.status == 404 && reply.code != "NoSuchBucket";
  if (!reply.ok() && !was_absent) throw client_.error_of(reply, address_of(name));
}

}  // namespace canopy
