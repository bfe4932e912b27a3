// SPDX-License-Identifier: MIT
#include "client/disk_answer.h"

#include <fmt/format.h>

#include "scsi/names.h"

namespace prh::ctl {

std::string holder_of(const DiskAnswer& answer) {
    if (!answer.held) return "nobody";
    const auto type = reservation_type(answer.held->type);
    const std::string words =
        type ? std::string(name(*type)) : fmt::format("type {}, which SPC-4 has not", answer.held->type);
    if (type && is_all_registrants(*type)) return "every registrant, " + words;
    return fmt::format("key {}, {}", to_string(answer.held->key), words);
}

}  // namespace prh::ctl
