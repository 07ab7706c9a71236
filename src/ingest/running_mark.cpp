// SPDX-License-Identifier: Apache-2.0
#include "ingest/running_mark.h"

#include <ctime>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utc.h"

namespace canopy {
namespace {

constexpr const char* kFolder = "running/";

bool counts(const BlobStore& store, const std::string& name) {
  try {
    const std::vector<std::uint8_t> bytes = store.get(name);
    const auto mark = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
    const auto since = mark.is_object() ? mark.value("seconds", std::int64_t{0}) : 0;
    return static_cast<double>(std::time(nullptr) - since) < kMarkHours * 3600;
  } catch (const Error& error) {
    if (error.fault() == Fault::NotFound) return false;  // ended while we looked
    throw;
  }
}

}  // namespace

RunningMark::RunningMark(BlobStore& store, const std::string& who)
    : store_(store), name_(kFolder + who + ".json") {
  const std::time_t now = std::time(nullptr);
  const std::string text =
      nlohmann::json{{"since", utc_text(now)}, {"seconds", std::int64_t{now}}}.dump() + "\n";
  store_.remove(name_);
  store_.put_if_absent(name_, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

RunningMark::~RunningMark() {
  try {
    store_.remove(name_);
  } catch (const Error&) {
    // It ages.
  }
}

std::vector<std::string> running_in(const BlobStore& store, const std::string& prefix) {
  std::vector<std::string> names, running;
  store.list(kFolder + prefix,
             [&](const std::string& name, std::int64_t) { names.push_back(name); });
  for (const std::string& name : names)
    if (counts(store, name)) running.push_back(name);
  return running;
}

void require_no_collector(const BlobStore& store) {
  for (const std::string& name : running_in(store, "gc"))
    throw Error(Fault::Conflict,
                store.address_of(name) +
                    ": 'canopy catalog gc' is removing files from this store; begin again when it "
                    "has ended (a mark that a killed gc left may be removed by hand)");
}

}  // namespace canopy
