// SPDX-License-Identifier: MIT
#include "multipath_figures.h"

namespace prh::bench {
namespace {

constexpr double kReadKeysDemand = 50, kRegisterDemand = 15;

/// Demanded of the command, which is what an administrator or a fencing agent runs. The ratio to the
/// library's call alone, without a process to start, is shown beside it.
FigureInfo rate(Figure figure, const std::string& id, const std::string& title, double bound) {
    return {figure, id, title, "requests/s", {{Contender::Existing, true, bound}}};
}

FigureInfo time(Figure figure, const std::string& id, const std::string& title) {
    return {figure, id + "_time", title + ", time", "us", {}};
}

}  // namespace

MapFigures map_figures(bool registering, std::size_t paths) {
    if (registering)
        return paths == 2 ? MapFigures{Figure::Register2, Figure::Register2Time}
                          : MapFigures{Figure::Register4, Figure::Register4Time};
    return paths == 2 ? MapFigures{Figure::ReadKeys2, Figure::ReadKeys2Time}
                      : MapFigures{Figure::ReadKeys4, Figure::ReadKeys4Time};
}

Study multipath_study() {
    return {"qemu-pr-helper on multipath maps",
            {"mpathpersist", "ours", "library"},
            {"mpathpersist, a command per request", "this qemu-pr-helper", "libmpathpersist, the call alone"},
            {rate(Figure::ReadKeys2, "read_keys_2", "READ KEYS, 2 paths", kReadKeysDemand),
             rate(Figure::ReadKeys4, "read_keys_4", "READ KEYS, 4 paths", kReadKeysDemand),
             rate(Figure::Register2, "register_2", "REGISTER AND IGNORE, 2 paths", kRegisterDemand),
             rate(Figure::Register4, "register_4", "REGISTER AND IGNORE, 4 paths", kRegisterDemand),
             time(Figure::ReadKeys2Time, "read_keys_2", "READ KEYS, 2 paths"),
             time(Figure::ReadKeys4Time, "read_keys_4", "READ KEYS, 4 paths"),
             time(Figure::Register2Time, "register_2", "REGISTER AND IGNORE, 2 paths"),
             time(Figure::Register4Time, "register_4", "REGISTER AND IGNORE, 4 paths")},
            {{"Requests per second (more is better; logarithmic)",
              {Figure::ReadKeys2, Figure::ReadKeys4, Figure::Register2, Figure::Register4},
              true}}};
}

}  // namespace prh::bench
