// SPDX-License-Identifier: MIT
// qemu-pr-helper: persistent reservations on the SCSI disks of virtual machines.
#include "daemon/device_options.h"
#include "daemon/multipath_options.h"
#include "device/sg_device.h"
#include "multipath/multipath_device.h"
#include "multipath/path_broker.h"
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

    // Before anything is opened that a second process would keep, and before anybody knows that we are here:
    // libvirt puts the helper into the machine's control group once its socket exists.
    if (multipath_choice.served && multipath_choice.with_broker)
        if (auto broker = PathBroker::start(options.filter))
            multipath_choice.settings.paths.broker =
                [broker = *std::move(broker)](FdRef map, const std::string& name, const std::string& number) {
                    return broker->open(map, name, number);
                };

    MultipathDevice multipath(multipath_choice.settings, trace,
                              [&](std::string_view text) { log.write(text); });
    SgDevice device(
        {options.device_timeout, multipath_choice.served ? &multipath : nullptr, std::move(allowed)}, trace,
        [&](std::string_view text) { log.client(text); });
    const auto while_privileged = [&] {
        if (multipath_choice.served) multipath.prepare_for(options.identity.user);
    };
    Needs needs{true, SgDevice::requests(), {{"/sys"}}};
    if (multipath_choice.served) {
        needs.files.push_back({"/dev"});
        // The default one cannot be made by an ordinary user, who serves disks without multipath all the
        // same; StateDirectory reports it with the first request that needs it.
        const std::string& state = multipath_choice.settings.state_directory;
        needs.files.push_back({state, FileRule::Access::Keep,
                               state == kDefaultStateDirectory ? FileRule::Missing::GivesNothing
                                                               : FileRule::Missing::IsAnError});
    }
    return run_service(argv[0], listen_fds, options, device, log, trace, needs, while_privileged);
}
