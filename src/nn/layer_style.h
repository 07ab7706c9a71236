// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace canopy {

/// How a network's layers are computed; what comes out is the same. The default is the fastest way
/// that we know, the other is how one writes a network first: tests hold both against torchvision,
/// `bench ladder` shows what the difference costs.
struct LayerStyle {
  bool channels_last = true;  ///< maps as [N, H, W, C] in memory; else [N, C, H, W]
  bool folded_norms = true;   ///< frozen batch norms within their convolutions; else a pass each
};

/// Of this thread.
const LayerStyle& layer_style();

/// Until the end of the scope, on this thread.
class WithLayerStyle {
 public:
  explicit WithLayerStyle(const LayerStyle& style);
  ~WithLayerStyle();
  WithLayerStyle(const WithLayerStyle&) = delete;
  WithLayerStyle& operator=(const WithLayerStyle&) = delete;

 private:
  LayerStyle before_;
};

}  // namespace canopy
