// SPDX-License-Identifier: MIT
#include "report/report_tool.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>

#include "client/replaced_file.h"
#include "client/standard_output.h"
#include "report/audit_log.h"
#include "report/report_page.h"

namespace prh::ctl {
namespace {

struct ReportOptions {
    std::vector<std::string> files;
    std::string output;
    std::string title = "Persistent reservations";
};

/// "alpha" of "/var/log/alpha.jsonl": files of several hosts are named after them.
std::string host_of(const std::string& file) {
    if (file == "-") return "standard input";
    const std::string name = file.substr(file.rfind('/') + 1);
    return name.substr(0, name.find('.', 1));
}

Expected<void> read_file(const std::string& file, AuditLog& log) {
    if (file == "-") {
        log.read(std::cin, host_of(file));
        return {};
    }
    errno = 0;
    std::ifstream in(file);
    if (in) log.read(in, host_of(file));
    if (in.is_open() && !in.bad()) return {};
    return fail(ExitCode::FileError, fmt::format("cannot read the audit file '{}': {}", file,
                                                 std::strerror(errno != 0 ? errno : EIO)));
}

Expected<void> write(const ReportOptions& options, const std::string& page) {
    if (!options.output.empty()) return replace_file(options.output, page);
    if (::isatty(STDOUT_FILENO) == 1)
        return fail(ExitCode::SyntaxError, "a page is nothing for a terminal: name a file with -o");
    const ExitCode code = print(page);
    if (code == ExitCode::Success) return {};
    return fail(code, "the page is not whole");
}

Expected<void> make(const ReportOptions& options) {
    AuditLog log;
    for (const std::string& file : options.files)
        if (const auto read = read_file(file, log); !read) return read;
    if (log.events().empty())
        return fail(
            ExitCode::MalformedAnswer,
            fmt::format("there is no record of an audit in '{}'{}: give what qemu-pr-helper wrote to the "
                        "file of --audit",
                        fmt::join(options.files, "', '"),
                        log.unreadable() > 0
                            ? fmt::format(", and {} lines that are something else", log.unreadable())
                            : ""));
    log.replay();
    return write(options, report_page(log, options.title));
}

}  // namespace

Tool report_tool() {
    const auto options = std::make_shared<ReportOptions>();
    return {
        "report",
        "make a page of an audit: who held what, when",
        "One page that needs no network: for each disk a timeline of registrations and of the reservation, "
        "with preemptions, conflicts and failures, and the records themselves, which can be filtered. "
        "Several "
        "files are put together by time: those that logrotate(8) made, or those of several hosts, which are "
        "named as the files are.",
        "report /var/log/qemu-pr-helper/audit -o report.html\n"
        "report alpha.audit beta.audit --title='Fail-over of 3 May' -o report.html",
        false,
        {{"AUDIT-FILE", "", "what --audit wrote; - is standard input", &options->files, true},
         {"-o,--output", "FILE",
          "where the page is written; it is replaced at once (default: standard output)", &options->output},
         {"--title", "TEXT", "the page's title", &options->title}},
        [options](const CommonOptions& common) {
            const Expected<void> made = make(*options);
            return made ? ExitCode::Success : print_failure("report", made.error(), common.json);
        }};
}

}  // namespace prh::ctl
