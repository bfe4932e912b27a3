// SPDX-License-Identifier: MIT
// qemu-pr-helper: persistent reservations on the SCSI disks of virtual machines.
#include "device/sg_device.h"
#include "os/daemonize.h"
#include "os/service_manager.h"
#include "server/options.h"
#include "server/service.h"

int main(int argc, char** argv) {
    using namespace prh;
    const auto listen_fds = take_listen_fds();
    fill_standard_descriptors();
    Log log(program_name(argv[0]));
    Trace trace;
    Options options;
    const Program program{"Persistent Reservation helper program for QEMU", true, {}};
    if (const auto exit_code = parse_options(argc, argv, program, options, log, trace)) return *exit_code;

    SgDevice device(options.device_timeout, trace, [&](std::string_view text) { log.client(text); });
    return run_service(argv[0], listen_fds, options, device, log, trace, true);
}
