// SPDX-License-Identifier: MIT
// Who the program is while it serves: in every thread, since capabilities are a thread's.
#include <algorithm>
#include <set>

#include "compat/comparison.h"
#include "compat/program_run.h"

namespace prh::test {
namespace {

class Privileges : public ProgramTest {
  protected:
    /// Every field under a situation of its own: `SITUATION, FIELD: serving`.
    void compare_privileges(const std::string& situation, const std::vector<std::string>& options) {
        for (const char* const field :
             {"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs"}) {
            ProgramRun run{.arguments = {"-k", "DIR/helper.sock"}};
            run.arguments.insert(run.arguments.end(), options.begin(), options.end());
            run.while_serving = [&](Process& process, const std::string&) {
                std::set<std::string> values;
                for (auto& thread : thread_statuses(process.pid())) values.insert(thread[field]);
                std::string text;
                for (const std::string& value : values) text += value + "\n";
                return text;
            };
            compare_runs(situation + ", " + field, run);
        }
    }
};

TEST_F(Privileges, Usual) { compare_privileges("privileges", {}); }

TEST_F(Privileges, OfAUserAndAGroup) {
    compare_privileges("privileges with user and group", {"-u", "65534", "-g", "12345"});
}

TEST_F(Privileges, OfAUserAlone) { compare_privileges("privileges with a user alone", {"-u", "nobody"}); }

TEST_F(Privileges, OfAUserWithoutAccount) {
    compare_privileges("privileges with an unknown uid", {"-u", "54321"});
}

TEST_F(Privileges, OfAGroupAlone) { compare_privileges("privileges with a group alone", {"-g", "12345"}); }

}  // namespace
}  // namespace prh::test
