// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "nn/mask_rcnn.h"

// A model as a file: one safetensors whose metadata holds all that inference needs
// (docs/formats.md, "Model file").

namespace canopy {

/// How raw samples become what the network sees: first to reflectance-like display units in about
/// [0, 1], then (x - mean) / sd. One number per canonical band. See `normalise_plane`.
struct Normalisation {
  std::vector<double> mean = {0.5, 0.5, 0.5, 0.5, 0.5}, sd = {0.5, 0.5, 0.5, 0.5, 0.5};
  /// Gains from reflectance (0 to 1) to display units, per canonical band; 8-bit display imagery is
  /// divided by 255 instead.
  std::vector<double> reflectance_gain = {4.0, 4.0, 4.0, 2.0, 1.6};
};

/// Imagery of a ground resolution whose trees were points in training, and the one at which the
/// network was shown it.
struct PointScale {
  double tile_gsd_m = 0, input_gsd_m = 0;
};

/// What a model file says of itself.
struct ModelInfo {
  std::string name = "unnamed", model_id, run_id,
              dataset_id;                  ///< model_id: SHA-256 over tensors and config
  std::vector<std::string> averaged_from;  ///< model ids (nn/model_average.h); none: it was trained
  MaskRcnnConfig config;
  std::vector<std::string> bands;  ///< canonical, in channel order
  std::vector<std::string> classes = {"background", "tree", "dead_tree"};
  Normalisation normalisation;
  std::vector<double> trained_gsd_m;  ///< ground resolutions seen in training, sorted
  std::vector<PointScale> point_scales;
  double crown_px_median = 1600;  ///< of the training crowns, at the network's input
  double score_threshold = 0.5;   ///< at which a detection is a tree (best F1 on validation)
  nlohmann::json metrics = nlohmann::json::object();
};

struct Model {
  ModelInfo info;
  MaskRcnn network;
};

/// How a file keeps the weights: as they are, or those of convolutions and products in 16 bits
/// (fp16), half the size. Biases, scales and statistics stay float32.
enum class StoredWeights { Float32, Float16 };
/// Fills info.model_id and writes the file, atomically. Returns the id, which is that of the
/// weights as stored.
std::string save_model(const std::filesystem::path& path,
                       const Model& model,
                       StoredWeights stored = StoredWeights::Float32);
/// Throws NotFound, or User naming the file and the entry that is missing or wrong.
Model load_model(const std::filesystem::path& path);
/// The description alone, without tensors.
ModelInfo load_model_info(const std::filesystem::path& path);

/// What one band's samples are multiplied by and shifted with to become network input:
/// input = raw * factor + shift.  `scale`/`offset` turn raw numbers into reflectance; both 0 when
/// the file names none.
struct AffineNormalisation {
  float factor = 1, shift = 0;
};
/// `dtype` is "uint8", "uint16" or "float32". 8-bit without a scale is display imagery (divided by
/// 255). uint16 without a scale is taken as reflectance times 10,000; float32 without one as
/// reflectance.
AffineNormalisation normalise_plane(const Normalisation& normalisation,
                                    int model_band,
                                    const std::string& dtype,
                                    double scale,
                                    double offset);

}  // namespace canopy
