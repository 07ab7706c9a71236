// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "nn/model_file.h"
#include "nn/probe.h"
#include "store/example.h"

// The zoom at which a model is shown the tiles of one source. Labels have no part in it: it follows
// from the tiles' ground resolution, from what the model file says of its training, and from what
// the model itself finds at a few zooms, as `predict` finds the working resolution of a whole
// mosaic (nn/working_resolution.h).

namespace canopy {

/// Looks at a few places of the source through a zoom.
using Look = std::function<ProbeResult(double zoom)>;

/// From a tile's pixels to the nearest ground resolution in the middle half of those that the model
/// was trained at; 1 where either is not known.
double trained_zoom(const ModelInfo& info, double tile_gsd_m);

/// The zoom, at most `most_zoom`, at which the crowns found have the size that the model was
/// trained on; the trained one where too few crowns are found to tell, and where such imagery had
/// points for labels (resolution_of_points). Looks at a ladder of zooms,
/// an octave apart, over the trained ground resolutions and an octave beyond; where either is not
/// known, from half to double size.
double source_zoom(const ModelInfo& info, double tile_gsd_m, double most_zoom, const Look& look);

/// A zoom that keeps a tile within what one look can hold.
double most_zoom_of(const Example& tile);

/// Looks at some tiles of a source: at the whole of each, or, where it is too large at this zoom,
/// at its four corners.
ProbeResult look_at(const Model& model, const std::vector<Example>& tiles, double zoom);

}  // namespace canopy
