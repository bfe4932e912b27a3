// SPDX-License-Identifier: MIT
#include "os/control_group_search.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace prh {
namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

class Search {
  public:
    explicit Search(std::vector<SoughtGroup>& sought) {
        for (SoughtGroup& each : sought) {
            if (each.id != 0)
                groups_.emplace(each.id, &each);
            else if (each.process > 0)
                processes_.emplace(each.process, &each);
        }
    }

    bool over() const { return groups_.empty() && processes_.empty(); }

    void visit(const std::string& tree, const std::string& path, std::uint64_t id) {
        take_all(groups_, id, path);
        if (processes_.empty()) return;
        std::ifstream list(tree + path + "/cgroup.procs");  // one process id a line
        for (pid_t process; list >> process;) take_all(processes_, process, path);
    }

  private:
    template <class Key>
    static void take_all(std::unordered_multimap<Key, SoughtGroup*>& sought, const Key& key,
                         const std::string& path) {
        const auto [first, last] = sought.equal_range(key);
        for (auto each = first; each != last; ++each) {
            each->second->found = true;
            each->second->path = path;
        }
        sought.erase(first, last);
    }

    std::unordered_multimap<std::uint64_t, SoughtGroup*> groups_;
    std::unordered_multimap<pid_t, SoughtGroup*> processes_;
};

}  // namespace

bool has_unified_hierarchy(const std::string& root) {
    return ::access((root + "/cgroup.controllers").c_str(), F_OK) == 0;
}

void find_control_groups(std::vector<SoughtGroup>& sought, const std::string& root,
                         const std::function<bool()>& stop, int most) {
    constexpr std::size_t kLongestPath = 512;  // users nest groups as deep as they like
    // Version 1 has a hierarchy for each controller; the one that is systemd's tells of units.
    const bool unified = has_unified_hierarchy(root);
    const std::string tree = unified ? root : root + "/systemd";
    if (!unified)
        for (SoughtGroup& each : sought) each.id = 0;
    Search search(sought);
    std::deque<std::string> unread{""};
    std::string delegated;  // what users make is read last
    for (int seen = 0; !search.over() && !stop();) {
        if (unread.empty() && !delegated.empty()) unread.push_back(std::exchange(delegated, {}));
        if (unread.empty()) return;
        const std::string path = std::move(unread.front());
        unread.pop_front();
        const Directory directory(::opendir((tree + path).c_str()));
        if (!directory) continue;  // gone meanwhile
        while (const dirent* const entry = ::readdir(directory.get())) {
            const std::string_view name = entry->d_name;
            struct stat status {};
            if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
            if (::fstatat(::dirfd(directory.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                continue;
            if (++seen > most) return;
            std::string group = path + "/" + entry->d_name;
            search.visit(tree, group, status.st_ino);
            // A directory without any below it has two links, as find(1) knows. This spares most groups from
            // being read, which is three quarters of a pass.
            constexpr nlink_t kLeaf = 2;
            if (status.st_nlink == kLeaf || group.size() > kLongestPath) continue;
            if (group == "/user.slice")
                delegated = std::move(group);
            else
                unread.push_back(std::move(group));
        }
    }
}

}  // namespace prh
