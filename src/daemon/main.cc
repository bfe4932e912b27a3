// SPDX-License-Identifier: MIT
// qemu-pr-helper: persistent reservations on the SCSI disks of virtual machines.
#include "daemon/device_options.h"
#include "daemon/multipath_options.h"
#include "device/sg_device.h"
#include "multipath/multipath_device.h"
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
    MultipathOptions multipath_choice;
    AllowedDevices allowed;
    std::vector<LongOption> own_options = device_options(allowed);
    for (LongOption& option : multipath_options(multipath_choice)) own_options.push_back(std::move(option));
    const Program program{"Persistent Reservation helper program for QEMU", true, std::move(own_options)};
    if (const auto exit_code = parse_options(argc, argv, program, options, log, trace)) return *exit_code;

    MultipathDevice multipath(multipath_choice.settings, trace,
                              [&](std::string_view text) { log.write(text); });
    SgDevice device(
        options.device_timeout, trace, [&](std::string_view text) { log.client(text); },
        multipath_choice.served ? &multipath : nullptr, std::move(allowed));
    const auto while_privileged = [&] {
        if (multipath_choice.served) multipath.prepare_for(options.identity.user);
    };
    Needs needs{true, SgDevice::requests(), {{"/sys"}}};
    if (multipath_choice.served) {
        needs.files.push_back({"/dev"});
        needs.files.push_back({multipath_choice.settings.state_directory, FileRule::Access::Keep});
    }
    return run_service(argv[0], listen_fds, options, device, log, trace, needs, while_privileged);
}
