// SPDX-License-Identifier: MIT
// Rows 1-9 and 60-63: REGISTER and REGISTER AND IGNORE EXISTING KEY, and their bits.
#include <dirent.h>

#include <cstdio>

#include "vm/scene.h"

namespace prh::vm {
namespace {

constexpr unsigned kAptpl = 0x01, kAllTargetPorts = 0x04;
constexpr unsigned kRegister = 0, kRegisterAndIgnore = 6;

std::uint8_t capability_byte(Scene& s, std::size_t index) {
    const Step step = s.ours.in(kReportCapabilities, 8).good();
    return step.reply().data.at(index);
}

bool has_an_aptpl_file(const std::string& directory) {
    DIR* const stream = ::opendir(directory.c_str());
    if (stream == nullptr) return false;
    bool found = false;
    while (const dirent* entry = ::readdir(stream))
        found |= std::string(entry->d_name).rfind("aptpl_", 0) == 0;
    ::closedir(stream);
    return found;
}

/// LIO answers 02/08/00 to REGISTER when it cannot write its file, although the registration took effect.
void without_the_aptpl_directory(Scene& s) {
    const std::string& directory = s.options().aptpl_directory;
    const std::string aside = directory + ".aside";
    if (std::rename(directory.c_str(), aside.c_str()) != 0) throw RowFailure("cannot rename " + directory);
    const Step step = s.ours.reg(0, K);
    if (std::rename(aside.c_str(), directory.c_str()) != 0) throw RowFailure("cannot rename " + aside);
    step.gives("02 2/08/00");
    if (s.paths().empty())
        s.state({K}, kNothing);
    else
        s.nobody();  // what one path refuses is undone, and not tried down the others
}

void specify_initiator_ports(Scene& s) {
    const PortIdentity other = s.identity_of(s.other);
    Bytes stranger = other.transport_id;
    // A digit of the name (or address), where a different digit is still a name.
    stranger.at(10) = static_cast<std::uint8_t>(stranger.at(10) ^ 0x01);

    s.ours.reg_with_ids(kRegister, K, stranger).gives(kUnknownInitiatorPort);
    s.clean();
    s.ours.reg_with_ids(kRegisterAndIgnore, K, other.transport_id).gives(kInvalidFieldInParameterList);
    s.nobody();
    s.ours.reg_with_ids(kRegister, K, other.transport_id).good();
    s.state({K}, kNothing, {K});
    s.other.reserve(K, 5).good();
    s.state({K}, held(K, 5), {K});
    s.clean();
    s.ours.reg(0, K).good();
    Bytes list = test::key_list(K, K2, 0x08);
    list.resize(28);
    list[27] = static_cast<std::uint8_t>(other.transport_id.size());
    list.insert(list.end(), other.transport_id.begin(), other.transport_id.end());
    s.ours.out("REGISTER with SPEC_I_PT, registered", kRegister, 0, list).gives(kInvalidFieldInParameterList);
    s.state({K}, kNothing);
}

}  // namespace

Rows registering_rows() {
    return {
        {1, "REGISTER(0,K) -> GOOD",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.state({K}, kNothing);
         }},
        {2, "unregistered: REGISTER(5,K) -> CONFLICT",
         [](Scene& s) {
             s.ours.reg(5, K).gives(kConflict);
             s.nobody();
         }},
        {3, "unregistered: REGISTER(0,0), REGISTER AND IGNORE(x,0) -> GOOD, nothing happens",
         [](Scene& s) {
             s.ours.reg(0, 0).good();
             s.ours.reg_ignore(kWrongKey, 0).good();
             s.nobody();
         }},
        {4, "reg; REGISTER(K,K2) -> GOOD",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reg(K, K2).good();
             s.state({K2}, kNothing);
         }},
        {5, "reg; REGISTER(wrong,K2) -> CONFLICT",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reg(kWrongKey, K2).gives(kConflict);
             s.state({K}, kNothing);
         }},
        {6, "reg; REGISTER(0,K2) -> CONFLICT",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reg(0, K2).gives(kConflict);
             s.state({K}, kNothing);
         }},
        {7, "REGISTER AND IGNORE(wrong,K), (wrong,K2) -> GOOD, GOOD",
         [](Scene& s) {
             s.ours.reg_ignore(kWrongKey, K).good();
             s.state({K}, kNothing);
             s.ours.reg_ignore(0x77, K2).good();
             s.state({K2}, kNothing);
         }},
        {8, "reg; REGISTER(K,0) -> GOOD",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reg(K, 0).good();
             s.nobody();
         }},
        {9, "reg; REGISTER(wrong,0) -> CONFLICT",
         [](Scene& s) {
             s.ours.reg(0, K).good();
             s.ours.reg(kWrongKey, 0).gives(kConflict);
             s.state({K}, kNothing);
         }},
        {60, "REGISTER with APTPL -> GOOD, REPORT CAPABILITIES says so; again without -> off",
         [](Scene& s) {
             s.ours.reg(0, K, kAptpl).good();
             if ((capability_byte(s, 3) & 1) == 0) throw RowFailure("PTPL_A is not set");
             if (s.lio() && !has_an_aptpl_file(s.options().aptpl_directory))
                 throw RowFailure("no APTPL file");
             s.ours.reg(K, K2).good();
             if ((capability_byte(s, 3) & 1) != 0) throw RowFailure("PTPL_A is still set");
             s.state({K2}, kNothing);
         }},
        {61, "LIO cannot write its APTPL file: REGISTER -> 02/08/00, but registered",
         without_the_aptpl_directory, Needs::kLio},
        {62, "REGISTER with ALL_TG_PT -> GOOD; unregister without and with it",
         [](Scene& s) {
             s.ours.reg(0, K, kAllTargetPorts).good();
             s.state({K}, kNothing);
             s.ours.reg(K, 0).gives(kUnregisterWithoutAllTargetPorts);
             s.ours.reg_ignore(0, K, kAllTargetPorts).good();
             s.ours.reg(K, 0, kAllTargetPorts).good();
             s.nobody();
         }},
        {63, "REGISTER with SPEC_I_PT: another port, a stranger, with IGNORE, when registered",
         specify_initiator_ports},
    };
}

}  // namespace prh::vm
