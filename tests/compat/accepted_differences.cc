// SPDX-License-Identifier: MIT
#include "compat/accepted_differences.h"

#include <fcntl.h>
#include <fnmatch.h>

#include <algorithm>
#include <cerrno>

#include "compat/reply_pattern.h"

namespace prh::test {
namespace {

bool matches(const std::string& pattern, const std::string& text) {
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool same_but_for_the_client(const std::string& existing, const std::string& ours) {
    return !existing.empty() && ours.starts_with(existing.substr(0, existing.size() - 1)) &&
           matches(" (connection *, pid *, uid *)\n", ours.substr(existing.size() - 1));
}

bool without_line(const std::string& existing, const std::string& pattern, const std::string& ours) {
    return matches(pattern, existing) && existing.find(ours) != std::string::npos && !matches(pattern, ours);
}

constexpr const char* kInvalidFieldInCdb = "status 2 size 0 sense 700005000000000a00000000240000*";
constexpr const char* kInvalidOpcode = "status 2 size 0 sense 700005000000000a00000000200000*";
constexpr const char* kIoProcessTerminated = "status 2 size 0 sense 70000b000000000a00000000000600*";

/// What SG_IO says: the results.
std::vector<AcceptedDifference> of_results() {
    return {
        {"unknown-host-status",
         "a transport error that the table does not know was reported as GOOD, with data; now 0B/08/00",
         [](const ReplyExchange& it) {
             return it.injection.error == 0 && !host_status_is_known(it.injection.host_status) &&
                    it.existing.reply && it.existing.reply->status == 0 &&
                    is_synthesised(it.ours, 0x0B, 0x08, 0x00);
         }},
        {"unknown-driver-status",
         "a driver's failure without a bit of 06h left the status as it was, mostly GOOD; now BUSY",
         [](const ReplyExchange& it) {
             const unsigned driver = it.injection.driver_status & 0x0FU;
             return it.injection.host_status == 0 && (driver == 0x01 || driver == 0x09) &&
                    it.existing.reply && it.existing.reply->status == it.injection.status && it.ours.reply &&
                    it.ours.reply->status == 0x08 && it.ours.reply->size == 0 && sense_is_zero(it.ours, 0);
         }},
        {"device-gone", "ENODEV was the retryable 0B/00/06; now 04/44/00, as in QEMU's development series",
         [](const ReplyExchange& it) {
             return it.injection.error == ENODEV && is_synthesised(it.existing, 0x0B, 0x00, 0x06) &&
                    is_synthesised(it.ours, 0x04, 0x44, 0x00);
         }},
        {"impossible-residual",
         "a residual outside of the buffer ended the program with an assertion; now it is clamped",
         [](const ReplyExchange& it) {
             return it.injection.residual_given && it.existing.exit_code == 134 && it.ours.reply &&
                    it.ours.reply->status == 0 &&
                    it.ours.reply->size == (it.injection.residual < 0 ? 24U : 0U);
         }},
        {"check-condition-without-sense",
         "CHECK CONDITION without sense data was passed on with 96 zero bytes; now 0B/00/06",
         [](const ReplyExchange& it) {
             return it.injection.status == 2 && it.injection.sense_length == 0 && it.existing.reply &&
                    it.existing.reply->status == 2 && sense_is_zero(it.existing, 0) &&
                    is_synthesised(it.ours, 0x0B, 0x00, 0x06);
         }},
        {"sense-behind-a-transport-error",
         "sense data of the device stayed behind or beside what stands for a transport error; now zeros",
         [](const ReplyExchange& it) {
             return it.injection.host_status != 0 && it.injection.sense_length > 0 &&
                    same_with_zero_tail(it.existing, it.ours);
         }},
        {"sense-beside-busy", "BUSY for a driver status carried the device's sense data; now zeros",
         [](const ReplyExchange& it) {
             return it.injection.host_status == 0 && (it.injection.driver_status & 0x06) != 0 &&
                    it.injection.sense_length > 0 && it.ours.reply && it.ours.reply->status == 0x08 &&
                    same_with_zero_tail(it.existing, it.ours);
         }},
        {"data-that-were-never-written",
         "bytes that the device did not write were another client's; now zeros",
         [](const ReplyExchange& it) {
             return it.injection.data_withheld && it.existing.reply && it.ours.reply &&
                    it.ours.reply->status == 0 && it.ours.reply->size == it.existing.reply->size &&
                    std::all_of(it.ours.reply->data.begin(), it.ours.reply->data.end(),
                                [](std::uint8_t byte) { return byte == 0; });
         }},
        {.name = "sense-behind-a-refusal",
         .reason = "behind the 18 bytes of a read-only refusal stood what was on the stack; now zeros",
         .reply =
             [](const ReplyExchange& it) {
                 return is_synthesised(it.ours, 0x05, 0x20, 0x00) &&
                        same_with_zero_tail(it.existing, it.ours);
             },
         .shown_until = 7},
        {"unopened-is-no-device",
         "PERSISTENT RESERVE OUT down an O_PATH descriptor was 05/20/00; now 0B/00/06, as for IN",
         [](const ReplyExchange& it) {
             return (::fcntl(it.descriptor, F_GETFL) & O_PATH) != 0 && it.existing.reply &&
                    it.existing.reply->status == 2 && is_synthesised(it.ours, 0x0B, 0x00, 0x06);
         },
         {{"descriptor: * with flags 2097152, PR OUT", kInvalidOpcode, kIoProcessTerminated}}},
        {"reading-needs-read-access",
         "keys were told to who has the disk open for writing alone; now 05/20/00",
         {},
         {{"descriptor: loop device with flags 1, PR IN", kInvalidFieldInCdb, kInvalidOpcode}}},
        {"parameter-list-length-over-16-bits",
         "bytes 5..6 of the CDB were passed on with a list of another length; now 05/24/00 without the "
         "device",
         [](const ReplyExchange& it) {
             return it.cdb[0] == 0x5F && (it.cdb[5] | it.cdb[6]) != 0 && it.existing.reply &&
                    it.existing.reply->status == 0 && is_synthesised(it.ours, 0x05, 0x24, 0x00);
         }},
    };
}

/// What the device is asked.
std::vector<AcceptedDifference> of_commands() {
    return {
        {"command-length",
         "the ten bytes of the CDB are ten bytes, not 16 with six of the client's choice",
         {},
         {{"device: command length", "16", "10"}}},
        {"device-time-out",
         "a command had 1 ms where the kernel knows no minimum; now 30 s, or --timeout",
         {},
         {{"device: time-out", "1 ms", "30000 ms"}}},
        {"data-in-length",
         "the device was always asked for 8192 bytes, which small queues refuse; now for what the client "
         "wants",
         {},
         {{"device: PR IN: data", "direction -3 length 8192", "direction -3 length *"},
          {"device: PR IN: data", "direction -3 length 8192", "direction -1 length 0"}}},
        {"no-data-direction",
         "an empty parameter list goes without a direction",
         {},
         {{"device: PR OUT: data", "direction -2 length 0 ", "direction -1 length 0"}}},
        {"only-disks-are-asked",
         "SG_IO was issued on every descriptor, and EINVAL of any driver became 05/24/00; now only on disks",
         {},
         {{"descriptor: *", kInvalidFieldInCdb, kIoProcessTerminated}}},
    };
}

/// The conversation and what is said about it.
std::vector<AcceptedDifference> of_conversations() {
    const std::string one_line = "qemu-pr-helper: ";
    return {
        {"cleanup-feature",
         "feature bit 0 (operation code FFh) is offered, and accepted in either byte order",
         {},
         {{"greeting", "00000000", "00000001"},
          {"features 00000001 requested", "the connection ended\n*", "status 0 size 8 *"},
          {"features 01000000 requested", "the connection ended\n*", "status 0 size 8 *"}}},
        {"cleanup-operation-code",
         "operation code FFh is answered whatever was offered, as QEMU's development series does",
         {},
         {{"operation code ff", "the connection ended\n*", "status 0 size 0 *"},
          {"operation code ff with a length", "the connection ended\n*", "status 0 size 0 *"},
          {"operation code ff, read-only", "the connection ended\n*", kInvalidOpcode}}},
        {"senders-flags",
         "O_NONBLOCK of the description shared with the sender was cleared; now left alone",
         {},
         {{"O_NONBLOCK of the sender's descriptor", "*\ncleared\n*", "*\nstill set\n*"}}},
        {"messages-name-the-client",
         "a message about a client says which one: connection, pid, uid",
         {},
         {},
         [](const TextExchange& it) {
             return it.situation.ends_with(": messages") && same_but_for_the_client(it.existing, it.ours);
         }},
        {"no-silent-refusals",
         "every connection that is ended for a violation is logged",
         {},
         {{"unknown features: messages", "", one_line + "Unsupported features requested*"},
          {"two descriptors: messages", "", one_line + "More than one file descriptor in request*"},
          {"too long: messages", "", one_line + "Length in CDB is over 8192 bytes*"},
          {"no disk: messages", "", one_line + "Refused a persistent reservation command for device *"}}},
        {"messages-are-limited",
         "bad connections could fill a disk; now a burst, then a few lines a second",
         {},
         {},
         [](const TextExchange& it) {
             return it.situation == "flood of violations" && std::stoi(it.ours) > 0 &&
                    std::stoi(it.ours) < std::stoi(it.existing) / 2;
         }},
        {"no-new-request-while-ending",
         "after SIGTERM an idle connection could begin another command; now it is closed",
         {},
         {{"request after SIGTERM", "status 0 size 8 *", "the connection ended"}}},
    };
}

/// Options, files, processes.
std::vector<AcceptedDifference> of_programs() {
    return {
        {"help-text",
         "its own options, and no FILE",
         {},
         {{"*: stdout", "Usage: ARGV0 [[]OPTIONS] FILE\n*",
           "Usage: ARGV0 [[]OPTIONS]\nPersistent Reservation *"}}},
        {"version-text",
         "its own version and licence",
         {},
         {{"*: stdout", "ARGV0 [0-9]*QEMU Project*", "ARGV0 *MIT licence*"}}},
        {"trace-events",
         "-T offers what happens to requests, not the internals of QEMU's libraries",
         {},
         {{"trace: list of events*: stdout", "*qio_task_new\n*", "*request_received\n*"}}},
        {"operands-are-named",
         "an operand is ignored, but not without a word",
         {},
         {{"operand*: stderr", "", "qemu-pr-helper: warning: '*' is ignored*"}}},
        {"pid-file-is-removed",
         "the pid file was left behind; now it is removed at the end",
         {},
         {},
         [](const TextExchange& it) {
             return it.situation.ends_with(": files afterwards") &&
                    without_line(it.existing, "*pid file 0??? *", it.ours);
         }},
        {"nothing-is-left-of-a-failed-start",
         "a start that failed left its socket behind",
         {},
         {},
         [](const TextExchange& it) {
             return it.situation.starts_with("pid file ") && it.situation.ends_with(": files afterwards") &&
                    without_line(it.existing, "*helper.sock socket *", it.ours);
         }},
        {"pid-file-lock-cannot-be-lost",
         "the lock belonged to the process, which loses it when it closes any descriptor of the file, such "
         "as a "
         "client's; now it belongs to the open file",
         {},
         {{"lock of the pid file: serving", "yes\n*by the process", "yes\n*by the file"}}},
        {"pid-file-is-no-link",
         "a symbolic link was followed, and what it named overwritten by root",
         {},
         {{"pid file is a symbolic link: exit", "0", "1"},
          {"pid file is a symbolic link: stderr", "",
           "qemu-pr-helper: Could not create *: it is a symbolic link\n"},
          {"pid file is a symbolic link: serving", "yes\n", "no\n"},
          {"pid file is a symbolic link: files*", "*precious file 0644 'PID\n'*", ""},
          {"pid file is a symbolic link: files*", "*precious file 0644 'PID\n'*",
           "*precious file 0644 'content\n'*"}}},
        {"only-sockets-are-replaced",
         "whatever was at the socket's path was deleted; now a file is refused",
         {},
         {{"socket path is a *: exit", "0", "1"},
          {"socket path is a *: stderr", "",
           "qemu-pr-helper: Failed to bind socket to *it exists and is no socket*"},
          {"socket path is a *: serving", "yes\n", "no\n"},
          {"socket path is a *: files while serving", "helper.sock socket *", ""},
          {"socket path is a *: files afterwards", "", "helper.sock *"}}},
        {"live-socket-is-kept",
         "the socket of a server that is alive was taken over without a word",
         {},
         {{"socket of another server: exit", "0", "1"},
          {"socket of another server: stderr", "", "qemu-pr-helper: *another process is listening there*"},
          {"socket of another server: serving", "yes\n", "no\n"},
          {"socket of another server: files while serving", "helper.sock socket *", ""},
          {"socket of another server: files afterwards", "", "helper.sock socket *"}}},
        {"only-its-own-socket-is-removed",
         "at the end the path was removed, whoever's socket was there by then",
         {},
         {{"socket replaced by another: files afterwards", "", "helper.sock socket *"}}},
        {"impossible-count-of-descriptors",
         "LISTEN_FDS=-1 ended in an assertion; now in a message",
         {},
         {{"activation with an impossible count: exit", "134", "1"},
          {"activation with an impossible count: stderr", "*Assertion*",
           "qemu-pr-helper: Socket activation failed: *"}}},
        {"background-tells-of-failure",
         "-d ended with 0 before anything could fail; now when it serves, or with 1",
         {},
         {{"in the background, pid file in a missing directory: exit", "0", "1"},
          {"in the background, pid file in a missing directory: stderr", "",
           "qemu-pr-helper: Could not create *"},
          {"in the background, pid file in a missing directory: files afterwards", "*helper.sock *", ""}}},
        {"every-thread-drops",
         "one thread of the program kept its capabilities and its bounding set",
         {},
         {{"privileges*, Cap[PE]*: serving", "yes\n0000000000020000\n*\n", "yes\n0000000000020000\n"},
          {"privileges*, Cap[PE]*: serving", "yes\n0000000000000000\n0000000000020000\n",
           "yes\n0000000000020000\n"},
          {"privileges*, CapBnd: serving", "yes\n0000000000000000\n*\n", "yes\n0000000000000000\n"}}},
        {"group-of-the-user",
         "-u without -g kept group 0; now it is the user's own",
         {},
         {{"privileges with a user alone, Gid: serving", "yes\n0\t0\t0\t0\n", "yes\n[1-9]*"},
          {"privileges with an unknown uid, Gid: serving", "yes\n0\t0\t0\t0\n", "yes\n54321\t54321\t*"}}},
        {"no-new-privileges",
         "no program that it could start gains a privilege",
         {},
         {{"privileges*, NoNewPrivs: serving", "yes\n0\n", "yes\n1\n"}}},
    };
}

}  // namespace

bool AcceptedDifference::explains(const TextExchange& exchange) const {
    if (text && text(exchange)) return true;
    return std::any_of(patterns.begin(), patterns.end(), [&](const TextPattern& pattern) {
        return matches(pattern.situation, exchange.situation) &&
               matches(pattern.existing, exchange.existing) && matches(pattern.ours, exchange.ours);
    });
}

const std::vector<AcceptedDifference>& accepted_differences() {
    static const std::vector<AcceptedDifference> all = [] {
        std::vector<AcceptedDifference> list;
        for (const auto& part : {of_results(), of_commands(), of_conversations(), of_programs()})
            list.insert(list.end(), part.begin(), part.end());
        return list;
    }();
    return all;
}

}  // namespace prh::test
