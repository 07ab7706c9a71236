// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "nn/model_file.h"

namespace canopy {

/// A model as an ONNX file (opset 17), for runtimes that know nothing of Canopy. One picture of a
/// fixed size goes in:
///
///   planes  float32 [1, C, size, size], normalised; metadata "bands", "mean" and "sd" say how
///
/// and what MaskRcnn::detect finds comes out, best first:
///
///   boxes   float32 [D, 4]    scores  float32 [D]    classes  int64 [D]
///   masks   float32 [D, 28, 28], probability inside each box
///
/// Throws User for a size that is no multiple of 32.
std::string onnx_of(const Model& model, int size_px);

}  // namespace canopy
