// SPDX-License-Identifier: MIT
// prhelper-emulator: the same server over emulated logical units. A regular file is a logical unit, each of
// its names a host.
#include "emul/emulated_device.h"
#include "os/daemonize.h"
#include "os/service_manager.h"
#include "server/options.h"
#include "server/service.h"

int main(int argc, char** argv) {
    using namespace prh;
    const auto listen_fds = take_listen_fds();
    const bool has_stderr = fill_standard_descriptors();
    Log log(program_name(argv[0]));
    if (!has_stderr) log.leave_stderr();
    Trace trace;
    Options options;
    std::optional<AptplStore> store;
    const LongOption state_dir{
        "state-dir", "DIR",
        "where registrations with APTPL outlive the program;\nwithout it APTPL is refused",
        [&](const std::string& directory) -> OptionError {
            auto opened = AptplStore::open(directory);
            if (!opened) return opened.error().message;
            store.emplace(std::move(*opened));
            return std::nullopt;
        }};
    const Program program{
        "Emulated persistent reservations: regular files as disks, their names as hosts", false, {state_dir}};
    if (const auto exit_code = parse_options(argc, argv, program, options, log, trace)) return *exit_code;

    Needs needs;
    if (store) needs.files.push_back({store->directory(), FileRule::Access::Keep});
    EmulatedDevice device(std::move(store), [&](const Error& error) { log.write(error.message); });
    return run_service(argv[0], listen_fds, options, device, log, trace, needs);
}
