// SPDX-License-Identifier: MIT
#include "monitor/serve_tool.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "client/standard_output.h"
#include "client/stop_signals.h"
#include "monitor/listen_address.h"
#include "monitor/live_state.h"
#include "monitor/web_server.h"

namespace prh::ctl {
namespace {

constexpr char kDefaultListen[] = "127.0.0.1:9798";
/// A page and a scrape wait for this at most; Prometheus gives up after ten seconds.
constexpr std::chrono::seconds kAnswerPatience{5};

struct ServeOptions {
    std::string listen = kDefaultListen;
    bool allow_remote = false;
};

ExitCode serve(const CommonOptions& common, const ServeOptions& options) {
    const Expected<ListenAddress> address = parse_listen_address(options.listen);
    if (!address) return print_failure("serve", address.error(), common.json);
    if (!address->loopback && !options.allow_remote)
        return print_failure(
            "serve",
            {ExitCode::SyntaxError,
             fmt::format(
                 "{} is no address of loopback: whoever reaches it sees machines, disks and keys, and is not "
                 "asked who they are; if that is meant, say --allow-remote",
                 address->host)},
            common.json);
    if (!address->loopback)
        complain(fmt::format("{}: warning: whoever reaches {} sees machines, disks and keys\n", kProgramName,
                             address->host));
    const StopSignals signals;  // before any thread
    const std::chrono::seconds timeout =
        common.timeout.count() == 0 ? kAnswerPatience : std::min(common.timeout, kAnswerPatience);
    LiveState live(common.control, common.socket, timeout);
    WebServer server(live);
    const Expected<int> port = server.bind(*address);
    if (!port) return print_failure("serve", port.error(), common.json);
    if (const ExitCode printed = print(fmt::format("Serving at {}\n", address->url(*port)));
        printed != ExitCode::Success)
        return printed;
    server.serve(signals);
    return ExitCode::Success;
}

}  // namespace

Tool serve_tool() {
    const auto options = std::make_shared<ServeOptions>();
    return {
        "serve",
        "serve metrics for Prometheus and a live page over HTTP",
        "/ is the live view as a page, /metrics is for Prometheus, /state is JSON. Needs no privilege "
        "but access "
        "to the control socket. Ends with SIGTERM or SIGINT.",
        "serve\nserve --listen=127.0.0.1:0\nserve --listen='[::1]:9798' --control=/run/pr/control",
        true,
        {{"--listen", "ADDRESS:PORT",
          fmt::format("where to listen, of loopback; port 0 is one that is free (default: {})",
                      kDefaultListen),
          &options->listen},
         {"--allow-remote", "", "--listen may name an address that others reach", &options->allow_remote}},
        [options](const CommonOptions& common) { return serve(common, *options); }};
}

}  // namespace prh::ctl
