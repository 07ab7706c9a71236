// SPDX-License-Identifier: Apache-2.0
#include "serve/static_files.h"

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "serve/range.h"

namespace canopy {
namespace {

// The page runs only what it was built with, talks to nobody but this server, and cannot be framed.
// Decoders of the orthomosaic's tiles are workers and WebAssembly.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' "
    "data: blob:; "
    "connect-src 'self' data:; worker-src 'self' blob:; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

}  // namespace

std::string content_type_of(const std::filesystem::path& path) {
  static const std::map<std::string, std::string> kTypes = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".wasm", "application/wasm"},
      {".txt", "text/plain; charset=utf-8"},
      {".geojson", "application/geo+json"},
      {".gpkg", "application/geopackage+sqlite3"},
      {".parquet", "application/vnd.apache.parquet"},
      {".csv", "text/csv; charset=utf-8"},
      {".tif", "image/tiff; application=geotiff; profile=cloud-optimized"}};
  const auto found = kTypes.find(path.extension().string());
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

StaticFiles::StaticFiles(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  if (!fs::is_regular_file(folder / "index.html"))
    throw Error(Fault::NotFound,
                folder.string() +
                    ": no index.html, so the map's files are not here; build web/ "
                    "(npm ci && npx vite build) or name their folder with --web");
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || is_temporary(entry.path())) continue;
    std::string name = entry.path().lexically_relative(folder).generic_string();
    auto bytes = std::make_shared<const std::string>(read_file(entry.path()));
    if (name.ends_with(".gz")) {
      files_[name.substr(0, name.size() - 3)].gzip_bytes = std::move(bytes);
      continue;
    }
    File& file = files_[name];
    file.etag = '"' + sha256_hex(*bytes).substr(0, 24) + '"';
    file.content_type = content_type_of(name);
    file.is_immutable = name.starts_with("assets/");
    file.bytes = std::move(bytes);
  }
  std::erase_if(files_, [](const auto& entry) { return entry.second.bytes == nullptr; });
}

Response StaticFiles::operator()(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD")
    return problem(405, request.method + " is not possible here").with("Allow", "GET, HEAD");
  std::string name;
  for (const auto& segment : request.target.segments) name += '/' + segment;
  const auto found = files_.find(name.empty() ? "index.html" : name.substr(1));
  if (found == files_.end()) return problem(404, "nothing is served under this path");
  const File& file = found->second;

  const bool takes_gzip = request.header("accept-encoding").find("gzip") != std::string_view::npos;
  const bool is_gzip = takes_gzip && file.gzip_bytes;
  // Another representation needs another strong tag.
  const std::string etag =
      is_gzip ? file.etag.substr(0, file.etag.size() - 1) + "-gzip\"" : file.etag;
  Response response;
  response.with("ETag", etag)
      .with("Cache-Control", file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache")
      .with("Vary", "Accept-Encoding");
  const auto known = request.header("if-none-match");
  if (!known.empty() && etag_matches(known, etag)) {
    response.status = 304;
    return response;
  }
  response.with("Content-Type", file.content_type);
  if (is_gzip) response.with("Content-Encoding", "gzip");
  if (file.content_type.starts_with("text/html"))
    response.with("Content-Security-Policy", kContentSecurityPolicy);
  response.body = is_gzip ? file.gzip_bytes : file.bytes;
  return response;
}

}  // namespace canopy
