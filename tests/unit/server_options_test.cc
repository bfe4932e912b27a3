// SPDX-License-Identifier: MIT
// The command line as values: what tests of the whole program cannot see.
#include <getopt.h>
#include <gtest/gtest.h>

#include "server/options.h"
#include "support/child_process.h"
#include "support/process.h"

namespace prh::test {
namespace {

/// Parses in a child (getopt_long has one state); returns what `look` says, or the exit code and stderr.
std::string parsed(std::vector<std::string> arguments,
                   const std::function<std::string(const Options&)>& look = {}, bool drives_devices = true) {
    return in_child([&] {
        StderrPipe err;
        std::vector<char*> argv{const_cast<char*>("prog")};
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        std::string extra;
        const Program program{"Says nothing.",
                              drives_devices,
                              {{"first", "A", "help\n",
                                [&](const std::string& value) {
                                    extra += "first=" + value + " ";
                                    return std::nullopt;
                                }},
                               {"second", "B", "help\n", [](const std::string& value) {
                                    return std::optional<std::string>("invalid --second '" + value + "'");
                                }}}};
        Options options;
        Log log("prog");
        Trace trace;
        ::optind = 0;
        const auto exit_code =
            parse_options(static_cast<int>(argv.size()) - 1, argv.data(), program, options, log, trace);
        if (exit_code) return std::to_string(*exit_code) + " " + err.text();
        return (look ? look(options) : extra) + err.text();
    });
}

TEST(ServerOptions, WithoutAnyHaveTheirDefaults) {
    EXPECT_EQ(parsed({},
                     [](const Options& options) {
                         const bool unset = !options.socket_path && !options.pid_file_path &&
                                            !options.background && !options.identity.user &&
                                            !options.identity.group && !options.socket.mode &&
                                            !options.socket.group && !options.max_connections_given;
                         return std::string(unset ? "unset " : "set ") +
                                std::to_string(options.limits.max_connections) + " " +
                                std::to_string(options.device_timeout.count());
                     }),
              "unset 4096 30000");
}

TEST(ServerOptions, HaveTheirValues) {
    EXPECT_EQ(
        parsed({"-k", "/s", "-f", "p", "-d", "-u", "0", "-g", "7", "--socket-mode=0640", "--socket-group=8",
                "--max-connections=9", "--request-timeout=10", "--drain-timeout=11", "--timeout=12", "-vvq"},
               [](const Options& options) {
                   std::string text = *options.socket_path + " " + *options.pid_file_path + " " +
                                      (options.background ? "-d" : "") + " ";
                   for (const auto number :
                        {static_cast<long>(*options.identity.user),
                         static_cast<long>(*options.identity.group), static_cast<long>(*options.socket.mode),
                         static_cast<long>(*options.socket.group),
                         static_cast<long>(options.limits.max_connections),
                         static_cast<long>(options.max_connections_given),
                         static_cast<long>(options.limits.request_timeout.count()),
                         static_cast<long>(options.limits.drain_timeout.count()),
                         static_cast<long>(options.device_timeout.count())})
                       text += std::to_string(number) + " ";
                   return text;
               }),
        "/s p -d 0 7 416 8 9 1 10000 11000 12000 ");
}

TEST(ServerOptions, LimitsAreTakenAtTheirEnds) {
    const auto connections = [](const Options& options) {
        return std::to_string(options.limits.max_connections);
    };
    EXPECT_EQ(parsed({"--max-connections=1"}, connections), "1");
    EXPECT_EQ(parsed({"--max-connections=500000"}, connections), "500000");
    const auto drain = [](const Options& options) {
        return std::to_string(options.limits.drain_timeout.count());
    };
    EXPECT_EQ(parsed({"--drain-timeout=1"}, drain), "1000");
    EXPECT_EQ(parsed({"--drain-timeout=86400"}, drain), "86400000");
    const auto mode = [](const Options& options) { return std::to_string(*options.socket.mode); };
    EXPECT_EQ(parsed({"--socket-mode=0"}, mode), "0");
    EXPECT_EQ(parsed({"--socket-mode=777"}, mode), "511");
}

TEST(ServerOptions, AUserAfterAnotherTakesNothingOfIt) {
    EXPECT_EQ(parsed({"-u", "root", "-u", "3999999999"},
                     [](const Options& options) {
                         return std::string(options.identity.users_own_group ? "a group" : "no group");
                     }),
              "no group");
}

TEST(ServerOptions, OfAProgramAreHandedToIt) {
    EXPECT_EQ(parsed({"--first=a", "--first", "b"}), "first=a first=b ");
    EXPECT_EQ(parsed({"--first=a", "--second=b", "--first=c"}), "1 prog: invalid --second 'b'\n");
    EXPECT_EQ(
        parsed({"--first"}),
        "1 prog: option '--first' requires an argument\nprog: Try `prog --help' for more information.\n");
}

TEST(ServerOptions, OfDevicesAreForProgramsThatDriveThem) {
    EXPECT_EQ(parsed({"--timeout=1"}, {}, false).substr(0, 36), "1 prog: unrecognized option '--timeo");
}

TEST(ServerOptions, ABadTraceArgumentEndsTheStart) {
    EXPECT_EQ(parsed({"-T", "bogus=1"}), "1 prog: Invalid parameter 'bogus'\n");
    EXPECT_EQ(parsed({"-T", "file=%s"}), "1 prog: Bad logfile template: %s\n");
    EXPECT_EQ(parsed({"-T", "events=/nonexistent"}), "1 prog:/nonexistent: No such file or directory\n");
    EXPECT_EQ(parsed({"-T", "nope"}), "prog: warning: trace event 'nope' does not exist\n");
}

}  // namespace
}  // namespace prh::test
