// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/tile_row.h"
#include "store/example.h"

// What a tile's row says about its picture and its trees, computed from the example alone. Only
// valid pixels count; what cannot be known is NaN.
//
//   band_mean, band_sd   reflectance where the file gives scale or offset, else raw numbers
//   ndvi_mean, ndre_mean (nir - red) / (nir + red), (nir - red_edge) / (nir + red_edge), of pixels
//                        with a positive sum
//   sharpness            variance of the 4-neighbour Laplacian of the brightness over the variance
//                        of the brightness: free of exposure and units; blur lowers it
//   saturated_fraction   pixels with a band at the end of its integer type
//   phash                64 bits: the lowest 8 x 8 cosine coefficients of the brightness at 32 x 32
//                        over their median (DCT hash); near duplicates differ in few bits
//   tree_count           living trees, crowds apart; dead_count likewise
//   canopy_fraction      pixels under crowns; masks only
//   crown_area_m2_*, crown_px_median   crowns that the edge does not cut, all of them when it cuts
//                        each; of boxes the inscribed ellipse
//   touching_fraction    crowns that share a pixel edge with another; boxes that overlap another
//   spacing_m_median     from each tree's centre to the nearest other's

namespace canopy {

/// Fills the columns above, width_px, height_px, valid_fraction, bands, dtype and gsd_m.
void fill_statistics(const Example& example, TileRow& row);

}  // namespace canopy
