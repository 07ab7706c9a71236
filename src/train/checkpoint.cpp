// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "nn/safetensors.h"

namespace canopy {
namespace {

namespace fs = std::filesystem;

fs::path state_path(const fs::path& folder, std::int64_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "step-%08lld.json", static_cast<long long>(step));
  return folder / name;
}

fs::path tensors_path(fs::path state) { return state.replace_extension(".safetensors"); }

/// The commits, newest first.
std::vector<fs::path> states(const fs::path& folder) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".json" && !is_temporary(entry.path()))
      found.push_back(entry.path());
  std::ranges::sort(found, std::greater());
  return found;
}

void put(NamedTensors& all, const std::string& part, const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) all[part + "/" + name] = tensor.detach();
}

NamedTensors part_of(const NamedTensors& all, const std::string& part) {
  NamedTensors tensors;
  for (const auto& [name, tensor] : all)
    if (name.starts_with(part + "/")) tensors[name.substr(part.size() + 1)] = tensor;
  return tensors;
}

Checkpoint load_one(const fs::path& state) {
  const nlohmann::json json = nlohmann::json::parse(read_file(state));
  require(sha256_of_file(tensors_path(state)) == json.at("sha256").get<std::string>(),
          [&] { return tensors_path(state).string() + ": its content is not what was written"; });
  const NamedTensors all = load_safetensors(tensors_path(state)).tensors;
  Checkpoint checkpoint;
  checkpoint.step = json.at("step");
  checkpoint.at = {json.at("epoch"), json.at("position")};
  checkpoint.optimiser_steps = json.at("optimiser_steps");
  checkpoint.seconds = json.at("seconds");
  checkpoint.refs_sha256 = json.at("refs_sha256");
  checkpoint.seed = json.at("seed");
  checkpoint.more = json.at("more");
  checkpoint.weights = part_of(all, "weights");
  checkpoint.average = part_of(all, "average");
  checkpoint.optimiser = part_of(all, "optimiser");
  checkpoint.scores = part_of(all, "scores");
  return checkpoint;
}

}  // namespace

void save_checkpoint(const fs::path& folder, const Checkpoint& checkpoint, int keep) {
  require(keep >= 1, "at least one checkpoint must be kept");
  fs::create_directories(folder);
  const fs::path state = state_path(folder, checkpoint.step);
  Safetensors content;
  put(content.tensors, "weights", checkpoint.weights);
  put(content.tensors, "average", checkpoint.average);
  put(content.tensors, "optimiser", checkpoint.optimiser);
  put(content.tensors, "scores", checkpoint.scores);
  save_safetensors(tensors_path(state), content);
  const nlohmann::ordered_json json = {{"step", checkpoint.step},
                                       {"epoch", checkpoint.at.epoch},
                                       {"position", checkpoint.at.position},
                                       {"optimiser_steps", checkpoint.optimiser_steps},
                                       {"seconds", checkpoint.seconds},
                                       {"refs_sha256", checkpoint.refs_sha256},
                                       {"seed", checkpoint.seed},
                                       {"more", checkpoint.more},
                                       {"sha256", sha256_of_file(tensors_path(state))}};
  write_file(state, json.dump(1) + "\n");
  const std::vector<fs::path> all = states(folder);
  for (std::size_t i = static_cast<std::size_t>(keep); i < all.size(); ++i) {
    fs::remove(all[i]);  // the commit first: no state without its tensors
    fs::remove(tensors_path(all[i]));
  }
}

std::optional<Checkpoint> load_newest_checkpoint(const fs::path& folder) {
  for (const fs::path& state : states(folder)) {
    try {
      return load_one(state);
    } catch (const std::exception& error) {
      log_warning("passed over the checkpoint " + state.string() + ": " + error.what());
    }
  }
  return std::nullopt;
}

}  // namespace canopy
