// SPDX-License-Identifier: Apache-2.0
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <optional>

#include "base/error.h"
#include "base/threads.h"
#include "catalog/duckdb_session.h"
#include "geo/version.h"
#include "nn/device.h"
#include "share.h"
#include "store/blob_store.h"
#include "verbs.h"

namespace canopy {
namespace {

struct Finding {
  std::string what, value, remedy;  ///< remedy empty: all is well
};

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  std::string line, name = "unknown", widest;
  while (std::getline(file, line)) {
    if (line.starts_with("model name")) name = line.substr(line.find(':') + 2);
    if (line.starts_with("flags"))
      for (const char* set : {"avx512f", "avx2", "avx"})
        if (widest.empty() && line.find(set) != std::string::npos) widest = set;
  }
  return name + (widest.empty() ? "" : ", " + widest);
}

Finding shared(const std::string& what, const std::string& name, const std::string& remedy) {
  try {
    return {what, shared_file(name).string(), ""};
  } catch (const Error&) {
    return {what, "missing", remedy};
  }
}

/// The store of the workspace that we stand in; nothing elsewhere.
std::optional<Finding> store_here(Context& context) {
  std::string url;
  try {
    const Workspace workspace = context.workspace();
    url = workspace.address_of(workspace.config().store_url);
    open_blob_store(url)->size("canopy-doctor");
    return Finding{"store", url, ""};
  } catch (const Error& error) {
    if (url.empty() && error.fault() == Fault::NotFound) return std::nullopt;
    return Finding{"store", url.empty() ? "canopy.toml" : url, error.what()};
  }
}

std::vector<Finding> examine(Context& context) {
  const double gib = 1024.0 * 1024 * 1024;
  const double memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
                        static_cast<double>(::sysconf(_SC_PAGESIZE)) / gib;
  struct statvfs disk = {};
  ::statvfs(".", &disk);
  const double free_gib =
      static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) / gib;
  char text[64];
  std::vector<Finding> findings;
  findings.push_back({"processor", processor(), ""});
  findings.push_back({"cores", std::to_string(available_cores()), ""});
  std::snprintf(text, sizeof text, "%.1f GiB", memory);
  findings.push_back({"memory", text, memory < 4 ? "4 GiB is the least that training needs" : ""});
  std::snprintf(text, sizeof text, "%.1f GiB free here", free_gib);
  findings.push_back({"disk", text, free_gib < 2 ? "free at least 2 GiB" : ""});
  findings.push_back({"LibTorch", torch_version(), ""});
  findings.push_back(
      {"GPU",
       cuda_devices() ? std::to_string(cuda_devices()) + " CUDA devices" : "none: the CPU is used",
       ""});
  findings.push_back({"GDAL", gdal_version(), ""});
  findings.push_back({"DuckDB", DuckdbSession::version(), ""});
  if (std::optional<Finding> store = store_here(context)) findings.push_back(std::move(*store));
  findings.push_back(shared("web map", "web/index.html", "run 'make web'"));
  findings.push_back(shared("bundled model", kBundledModel, "it is part of the repository"));
  findings.push_back(shared(
      "ImageNet weights", "weights/efficientnet_lite0.safetensors", "run 'tools/bootstrap'"));
  findings.push_back(
      shared("demo imagery", "neon", "run 'tools/bootstrap'; only 'canopy demo' needs it"));
  return findings;
}

}  // namespace

Command verb_doctor() {
  Command command("doctor", "What this machine has, what is missing, and how to get it");
  command.run([](Context& context) {
    bool well = true;
    nlohmann::ordered_json report = nlohmann::ordered_json::array();
    for (const Finding& finding : examine(context)) {
      well = well && finding.remedy.empty();
      report.push_back(
          {{"what", finding.what}, {"value", finding.value}, {"remedy", finding.remedy}});
      if (!context.json)
        std::printf("%-18s %s%s\n",
                    finding.what.c_str(),
                    finding.value.c_str(),
                    finding.remedy.empty() ? "" : (" -> " + finding.remedy).c_str());
    }
    if (context.json) std::printf("%s\n", report.dump(2).c_str());
    return well ? kDone : kFailed;
  });
  return command;
}

}  // namespace canopy
