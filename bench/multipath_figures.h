// SPDX-License-Identifier: MIT
// What is measured of multipath maps: the command line of mpathpersist (the first contender), this helper,
// and the calls of libmpathpersist alone (the third).
#pragma once

#include "figures.h"

namespace prh::bench {

/// How often something is done, and how long it takes: the two figures of one measurement.
struct MapFigures {
    Figure rate, time;
};
MapFigures map_figures(bool registering, std::size_t paths);

/// What the figures are called, and what is demanded of them.
Study multipath_study();

}  // namespace prh::bench
