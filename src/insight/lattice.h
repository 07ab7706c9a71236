// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "insight/lattice_seed.h"
#include "insight/point_index.h"

// A planting lattice that bends: trees numbered (i, j) so that neighbours differ by one, wherever
// rows curve, spacing drifts or the pattern shears along a contour. There is no global lattice to
// fit. Each place has a local one, estimated from the numbered trees round it:
//
//  1. A seed gives two steps (u, v). The best supported place next to numbered trees comes first.
//  2. Its position is predicted by a quadratic in the lattice steps, fitted to the trees round it
//     with Gaussian weights and a prior on the steps (the neighbour's) and on the curvature (rows
//     bend no tighter than some fifteen spacings). The fit gives the prediction's own standard
//     deviation; a place that is not known well enough waits for more neighbours.
//  3. The nearest free tree within the tolerance (3.4 deviations of the trees' own jitter, a third
//     of the spacing at most) takes the number; without one the place is empty, and numbering goes
//     on beyond it as long as predictions stay sharp. So runs of missing trees are crossed.
//  4. A tree that stands beside a place, where the pattern wants none, contradicts it. Where such
//     intruders are many the land belongs to another pattern, and numbering stops; nor does it
//     cross a line of empty places.
//  5. When nothing can be added, each tree is predicted from its neighbours on all sides without
//     itself, and those that do not fit leave: false detections, trees of another block.
//  6. At last lines of empty places are crossed after all (tracks, blocks with a third of their
//     trees missing), with the curvature that the block has shown as prior; if what lies beyond
//     contradicts the pattern, all of that is taken back.
//  7. Land where nearly every tree stands alone between empty places is a planting of twice the
//     spacing, on which the pattern falls by chance: its trees leave.

namespace canopy {

struct Site {
  int i = 0, j = 0;
  bool operator==(const Site&) const = default;
};
inline Site operator+(const Site& a, const Site& b) { return {a.i + b.i, a.j + b.j}; }
inline Site operator*(int k, const Site& a) { return {k * a.i, k * a.j}; }

struct SiteHash {
  std::size_t operator()(const Site& s) const {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(s.i)) << 32 |
            static_cast<std::uint32_t>(s.j)) *
               0x9E3779B97F4A7C15ull >>
           16;
  }
};

/// Two short lattice steps at a place, and what they are in metres there.
struct LatticeFrame {
  Site a{1, 0}, b{0, 1};
  Point u, v;
};

class Lattice {
 public:
  struct Prediction {
    Point position;
    double sd_m = 0;  ///< of the planting place, not of the tree that jitters about it
    LatticeFrame frame;
    double bend = 0;     ///< largest second difference, in standard deviations of the prior
    double support = 0;  ///< sum of the weights of the trees that it comes from
  };

  /// Grows from a seed over the points for which `free` is not 0.
  Lattice(const PointIndex& points, const LatticeSeed& seed, const std::vector<char>& free);

  const std::unordered_map<Site, int, SiteHash>& trees() const { return trees_; }
  std::optional<int> tree_at(const Site& site) const;
  /// Takes a tree out again.
  void remove(const Site& site) { trees_.erase(site); }

  /// Where the pattern wants a tree at `site`, from the trees round it, its own left out. Nothing
  /// where they are too few.
  std::optional<Prediction> predict(const Site& site) const;
  /// The distance of `place` from a prediction in units of what is tolerated; above 1 it does not
  /// belong there.
  double misfit(const Prediction& prediction, const Point& place) const;
  /// Standard deviation of trees about their planting places, in metres, per axis.
  double jitter_m() const { return jitter_m_; }

 private:
  struct Candidate {
    double support = 0;
    Site site;
    LatticeFrame frame;
    bool operator<(const Candidate& other) const;
  };

  void assign(const Site& site, int tree, const LatticeFrame& frame);
  void offer_neighbours(const Site& site, const LatticeFrame& frame, double least_support);
  void grow(std::size_t most);
  void grow_again();
  /// Goes on across empty lines too, and takes all of that back if it meets another pattern there.
  void grow_boldly();
  void clean();
  /// Step 7; whether any tree left.
  bool leave_foreign();
  Prediction fit(const Site& site, const LatticeFrame& prior) const;
  bool is_touching(const Site& site, const LatticeFrame& frame) const;
  bool has_drifted(const LatticeFrame& frame) const;
  bool is_intruded(const Prediction& wanted, const std::optional<int>& tree) const;
  /// Share of the decided places round `site` that are intruded.
  double intruded_share(const Site& site, const LatticeFrame& frame) const;
  double support_of(const Site& site, const LatticeFrame& frame) const;
  std::optional<int> nearest_free(const Prediction& prediction) const;
  std::optional<LatticeFrame> frame_near(const Site& site) const;
  double spacing(const LatticeFrame& frame) const;
  double tolerance_of(const Prediction& prediction) const;

  const PointIndex& points_;
  std::vector<char> free_;
  std::unordered_map<Site, int, SiteHash> trees_;
  std::unordered_map<Site, LatticeFrame, SiteHash> frames_;
  std::unordered_map<Site, double, SiteHash> empty_;  ///< with the support that they had
  std::unordered_set<Site, SiteHash> intruded_;       ///< places with a tree where none should be
  std::vector<Candidate> queue_;                      ///< a heap
  bool is_bold_ = false;
  double jitter_m_ = 0, bend_scale_ = 1;
  double first_cell_m2_ = 0, first_step_m_ = 0;
};

}  // namespace canopy
