// SPDX-License-Identifier: Apache-2.0
#include "train/run_folder.h"

#include <sys/utsname.h>

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/options.h"
#include "base/threads.h"

namespace canopy {
namespace {

nlohmann::ordered_json environment() {
  utsname system = {};
  ::uname(&system);
  return {{"system", std::string(system.sysname) + " " + system.release + " " + system.machine},
          {"compiler", std::string("g++ ") + __VERSION__},
          {"libtorch", TORCH_VERSION},
          {"cpu_capability", at::get_cpu_capability()},
          {"cores", available_cores()}};
}

}  // namespace

void RunFolder::require_new() const {
  if (exists())
    throw Error(Fault::Conflict,
                folder_.string() +
                    " holds a run already; pass --resume to go on with it, "
                    "or choose another name");
}

void RunFolder::create(TrainOptions options, const nlohmann::ordered_json& dataset) const {
  require_new();
  std::filesystem::create_directories(checkpoints());
  write_file(this->dataset(), dataset.dump(2) + "\n");
  write_file(folder_ / "env.json", environment().dump(2) + "\n");
  write_file(config(), Fields(options).to_toml());
}

TrainOptions RunFolder::options() const {
  if (!exists()) throw Error(Fault::NotFound, "there is no run in " + folder_.string());
  TrainOptions options;
  Fields(options).set_from_toml(config().string());
  options.validate();
  return options;
}

void RunFolder::sweep() const { remove_stale_temporaries(folder_); }

}  // namespace canopy
