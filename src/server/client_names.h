// SPDX-License-Identifier: MIT
// What client processes are called ("VM db1"). A thread of its own looks for the names among control groups:
// no request waits for a name, and neither does who asks for the state.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/control_group_search.h"
#include "os/pidfd.h"

namespace prh {

/// Who a client process is. What it did may be told after its last connection has ended.
class ClientIdentity {
  public:
    explicit ClientIdentity(const PeerCredentials& credentials, std::uint64_t inode = 0)
        : credentials_(credentials), inode_(inode) {}

    const PeerCredentials& credentials() const { return credentials_; }
    /// A number for whose doing something is: of the process, or of its user where processes cannot be told
    /// apart.
    std::uint64_t source() const;
    /// "VM db1"; empty as long as it is not known.
    const std::string& name() const;
    /// "VM db1 (pid 4242, uid 107)", or "pid 4242, uid 107"; for messages.
    std::string title() const;

    /// ClientNames looks for its name.
    bool pending() const { return pending_.load(std::memory_order_acquire); }

  private:
    friend class ClientNames;
    void await_name() { pending_.store(true, std::memory_order_release); }
    void settle(std::string name);  // once

    const PeerCredentials credentials_;
    const std::uint64_t inode_;  // PeerProcess::inode
    std::atomic<bool> pending_ = false;
    std::string name_;  // does not change once pending_ is false
};

class ClientNames {
  public:
    using Clock = std::chrono::steady_clock;

    /// One look at all control groups in this time, so that processes that come and go cost little.
    static constexpr std::chrono::milliseconds kBetweenSearches{1000};
    /// Clients whose pidfd is kept until they have a name, where a group is found by its processes; a further
    /// one stays without a name. They are descriptors beside those of connections.
    static constexpr std::size_t kPidfds = 512;
    /// Actions that wait for names. Beyond these no action waits.
    static constexpr std::size_t kWaiting = 1024;

    /// Names are looked for as `support` allows, in the hierarchy that is mounted at `root`.
    explicit ClientNames(const PidfdSupport& support, std::string root = "/sys/fs/cgroup");
    ~ClientNames() { finish(); }

    /// The thread. Call it when the process is as confined as it will be. Without it nobody has a name.
    Status start();
    /// Ends the thread: who has no name yet gets none, and what waits for names is done.
    void finish();

    const PidfdSupport& support() const { return support_; }
    /// `process` is who `client` is. Its name is what it had when it connected, or none: where the group can
    /// only be found by a process id, the process must still be there afterwards, since its number is another
    /// one's else.
    void seek(const std::shared_ptr<ClientIdentity>& client, const PeerProcess& process);
    /// Calls `action` when the name of `client` is known, or known to be missing: now in most cases, else a
    /// moment later in the thread. Actions are called in the order in which they came.
    void when_named(const std::shared_ptr<ClientIdentity>& client, std::function<void()> action);

  private:
    struct Sought {
        std::shared_ptr<ClientIdentity> client;
        SoughtGroup group;
        std::shared_ptr<const UniqueFd> pidfd;  // where the group is found by the process
    };
    struct Waiting {
        std::shared_ptr<ClientIdentity> client;
        std::function<void()> action;
    };

    static void* run(void* self);
    void work();
    void run_actions(std::unique_lock<std::mutex>& lock);
    void search(std::vector<Sought> clients);

    const PidfdSupport support_;
    const std::string root_;
    pthread_t thread_{};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Sought> sought_;
    std::size_t pidfds_ = 0;  // of sought_, and of those that are looked for now
    std::deque<Waiting> waiting_;
    bool acting_ = false;  // the thread is calling an action that is no longer in waiting_
    bool running_ = false;
    std::atomic<bool> ending_ = false;
};

}  // namespace prh
