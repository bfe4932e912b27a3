// SPDX-License-Identifier: MIT
// Every function of the C library that a confined process uses, called once in a process that went through
// both stages. Which system call a function makes is up to the library and the architecture: this test fails
// on the machine that builds the package, and not at the first guest, where the filter does not know that
// call.
#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "os/pidfd_info.h"
#include "server/confinement.h"
#include "support/child_process.h"

namespace prh::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned long kRequestWithBit31 = _IOR(0x12, 128, std::uint64_t);  // BLKGETDISKSEQ

/// What a wrapper works with, made before the process is confined.
class Scene {
  public:
    explicit Scene(std::string directory) : directory_(std::move(directory)) {
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream);
        listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, (*this / "socket").c_str(), sizeof address.sun_path - 1);
        ::bind(listener, name(), sizeof address);
        ::listen(listener, 4);
        datagrams = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        datagram_address.sun_family = AF_UNIX;
        std::strncpy(datagram_address.sun_path, (*this / "datagrams").c_str(),
                     sizeof datagram_address.sun_path - 1);
        ::bind(datagrams, reinterpret_cast<const sockaddr*>(&datagram_address), sizeof datagram_address);
        epoll = ::epoll_create1(EPOLL_CLOEXEC);
        event = ::eventfd(1, EFD_CLOEXEC);
        timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
        sigset_t signals;
        ::sigemptyset(&signals);
        ::sigaddset(&signals, SIGUSR1);
        ::sigprocmask(SIG_BLOCK, &signals, nullptr);
        signal = ::signalfd(-1, &signals, SFD_CLOEXEC);
        ::raise(SIGUSR1);
        file = ::open((*this / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        [[maybe_unused]] const ssize_t written = ::write(file, "content", 7);
        ::lseek(file, 0, SEEK_SET);
        [[maybe_unused]] const int linked = ::symlink("file", (*this / "link").c_str());
        folder = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }

    std::string operator/(const std::string& entry) const { return directory_ + "/" + entry; }
    const std::string& directory() const { return directory_; }
    const sockaddr* name() const { return reinterpret_cast<const sockaddr*>(&address); }

    int stream[2] = {-1, -1};
    int listener = -1, datagrams = -1, epoll = -1, event = -1, timer = -1, signal = -1, file = -1,
        folder = -1;
    sockaddr_un address{}, datagram_address{};
    std::uint64_t room = 0;

  private:
    std::string directory_;
};

/// A function, and a call of it: negative, with errno, where it failed.
struct Wrapper {
    const char* name;
    std::function<long(Scene&)> call;
};
void PrintTo(const Wrapper& wrapper, std::ostream* stream) { *stream << wrapper.name; }

int failed_with(int error) { return errno = error, -1; }
int outcome_of(const std::error_code& error) { return error ? failed_with(error.value()) : 0; }

/// Allowed, and nothing that a file knows.
int ioctl_of(const Scene& scene, long request) {
    return ::syscall(SYS_ioctl, scene.file, request, &scene.room) == 0 || errno == ENOTTY ? 0 : -1;
}

int start_thread(bool detached) {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, 256 * 1024);
    if (detached) ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    static std::timed_mutex runs;
    runs.lock();
    pthread_t thread;
    const int error = ::pthread_create(
        &thread, &attributes,
        [](void* mutex) -> void* {
            static_cast<std::timed_mutex*>(mutex)->unlock();
            return nullptr;
        },
        &runs);
    if (error != 0) return failed_with(error);
    if (!detached) return ::pthread_join(thread, nullptr);
    runs.lock();
    return 0;
}

const std::vector<Wrapper> kWrappers = {
    // sockets
    {"send", [](Scene& s) { return ::send(s.stream[0], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT); }},
    {"recv",
     [](Scene& s) { return ::write(s.stream[0], "x", 1) < 0 ? -1 : ::recv(s.stream[1], &s.room, 1, 0); }},
    {"sendto",
     [](Scene& s) {
         return ::sendto(s.datagrams, "x", 1, MSG_NOSIGNAL,
                         reinterpret_cast<const sockaddr*>(&s.datagram_address), sizeof s.datagram_address);
     }},
    {"recvfrom",
     [](Scene& s) {
         return ::write(s.stream[0], "x", 1) < 0 ? -1
                                                 : ::recvfrom(s.stream[1], &s.room, 1, 0, nullptr, nullptr);
     }},
    {"sendmsg",
     [](Scene& s) {
         iovec part{&s.room, 1};
         msghdr message{};
         message.msg_iov = &part;
         message.msg_iovlen = 1;
         return ::sendmsg(s.stream[0], &message, MSG_NOSIGNAL);
     }},
    {"recvmsg",
     [](Scene& s) {
         if (::write(s.stream[0], "x", 1) < 0) return ssize_t{-1};
         iovec part{&s.room, 1};
         msghdr message{};
         message.msg_iov = &part;
         message.msg_iovlen = 1;
         return ::recvmsg(s.stream[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
     }},
    {"socket", [](Scene&) { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }},
    {"connect",
     [](Scene& s) { return ::connect(::socket(AF_UNIX, SOCK_STREAM, 0), s.name(), sizeof s.address); }},
    {"accept4",
     [](Scene& s) {
         const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
         if (::connect(client, s.name(), sizeof s.address) != 0) return -1;
         return ::accept4(s.listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
     }},
    {"setsockopt",
     [](Scene& s) {
         const int off = 0;
         return ::setsockopt(s.stream[0], SOL_SOCKET, SO_PASSCRED, &off, sizeof off);
     }},
    {"getsockopt",
     [](Scene& s) {
         ucred credentials;
         socklen_t size = sizeof credentials;
         return ::getsockopt(s.stream[0], SOL_SOCKET, SO_PEERCRED, &credentials, &size);
     }},
    {"shutdown", [](Scene& s) { return ::shutdown(s.stream[0], SHUT_RDWR); }},
    {"poll",
     [](Scene& s) {
         pollfd one{s.event, POLLIN, 0};
         return ::poll(&one, 1, 0);
     }},
    // epoll and what it waits for
    {"epoll_ctl",
     [](Scene& s) {
         epoll_event interest{EPOLLIN | EPOLLONESHOT, {}};
         return ::epoll_ctl(s.epoll, EPOLL_CTL_ADD, s.event, &interest);
     }},
    {"epoll_wait",
     [](Scene& s) {
         epoll_event event;
         return ::epoll_wait(s.epoll, &event, 1, 0);
     }},
    {"timerfd_settime",
     [](Scene& s) {
         itimerspec time{};
         time.it_value.tv_nsec = 1;
         return ::timerfd_settime(s.timer, 0, &time, nullptr);
     }},
    {"eventfd_write", [](Scene& s) { return ::eventfd_write(s.event, 1); }},
    {"eventfd_read", [](Scene& s) { return ::eventfd_read(s.event, &s.room); }},
    {"read_of_a_signalfd",
     [](Scene& s) {
         signalfd_siginfo information;
         return ::read(s.signal, &information, sizeof information);
     }},
    // descriptors
    {"read", [](Scene& s) { return ::read(s.file, &s.room, 1); }},
    {"write", [](Scene& s) { return ::write(s.file, "x", 1); }},
    {"writev",
     [](Scene& s) {
         const iovec part{&s.room, 1};
         return ::writev(s.file, &part, 1);
     }},
    {"pread", [](Scene& s) { return ::pread(s.file, &s.room, 1, 0); }},
    {"lseek", [](Scene& s) { return ::lseek(s.file, 0, SEEK_END); }},
    {"close", [](Scene& s) { return ::close(s.event); }},
    {"dup2", [](Scene& s) { return ::dup2(s.file, 0); }},
    {"fcntl_F_GETFL", [](Scene& s) { return ::fcntl(s.file, F_GETFL); }},
    {"fcntl_F_SETFL", [](Scene& s) { return ::fcntl(s.file, F_SETFL, O_NONBLOCK); }},
    {"fcntl_F_GETFD", [](Scene& s) { return ::fcntl(s.file, F_GETFD); }},
    {"fcntl_F_SETFD", [](Scene& s) { return ::fcntl(s.file, F_SETFD, FD_CLOEXEC); }},
    {"fcntl_F_DUPFD_CLOEXEC", [](Scene& s) { return ::fcntl(s.file, F_DUPFD_CLOEXEC, 3); }},
    {"ioctl", [](Scene& s) { return ioctl_of(s, long{BLKGETSIZE64}); }},
    {"ioctl_PIDFD_GET_INFO", [](Scene& s) { return ioctl_of(s, long{kPidfdGetInfo}); }},
    // as musl makes it, whose ioctl(2) takes an int
    {"ioctl_of_a_negative_int",
     [](Scene& s) { return ioctl_of(s, long{static_cast<int>(kRequestWithBit31)}); }},
    // files
    {"open", [](Scene& s) { return ::open((s / "file").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); }},
    {"open_that_creates",
     [](Scene& s) { return ::open((s / "new").c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600); }},
    {"openat", [](Scene& s) { return ::openat(s.folder, "file", O_RDONLY | O_NOFOLLOW | O_CLOEXEC); }},
    {"stat",
     [](Scene& s) {
         struct stat status;
         return ::stat((s / "file").c_str(), &status);
     }},
    {"lstat",
     [](Scene& s) {
         struct stat status;
         return ::lstat((s / "link").c_str(), &status);
     }},
    {"fstat",
     [](Scene& s) {
         struct stat status;
         return ::fstat(s.file, &status);
     }},
    {"fstatat",
     [](Scene& s) {
         struct stat status;
         return ::fstatat(s.folder, "link", &status, AT_SYMLINK_NOFOLLOW);
     }},
    {"fdopendir",  // list_records
     [](Scene& s) {
         DIR* const folder = ::fdopendir(::openat(s.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
         if (folder == nullptr || ::readdir(folder) == nullptr) return -1;
         return ::closedir(folder);
     }},
    {"statx",
     [](Scene& s) {
         struct statx status;
         return ::statx(s.file, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status);
     }},
    {"access", [](Scene& s) { return ::access((s / "file").c_str(), F_OK); }},
    {"readlink",
     [](Scene& s) {
         char target[64];
         return ::readlink((s / "link").c_str(), target, sizeof target);
     }},
    {"rename", [](Scene& s) { return ::rename((s / "file").c_str(), (s / "renamed").c_str()); }},
    {"renameat", [](Scene& s) { return ::renameat(s.folder, "file", s.folder, "renamed"); }},
    {"unlink", [](Scene& s) { return ::unlink((s / "file").c_str()); }},
    {"unlinkat", [](Scene& s) { return ::unlinkat(s.folder, "file", 0); }},
    {"fsync", [](Scene& s) { return ::fsync(s.folder); }},
    {"fdatasync", [](Scene& s) { return ::fdatasync(s.file); }},
    {"flock", [](Scene& s) { return ::flock(s.file, LOCK_EX | LOCK_NB); }},
    {"ftruncate", [](Scene& s) { return ::ftruncate(s.file, 0); }},
    {"fs_canonical",
     [](Scene& s) {
         std::error_code error;
         const bool found = fs::canonical(s / "link", error).filename() == "file";
         return error || found ? outcome_of(error) : failed_with(ENOENT);
     }},
    {"fs_directory_iterator",
     [](Scene& s) {
         std::error_code error;
         long entries = 0;
         for (fs::directory_iterator entry(s.directory(), error), end; !error && entry != end;
              entry.increment(error))
             ++entries;
         return error || entries > 0 ? outcome_of(error) : failed_with(ENOENT);
     }},
    {"fs_is_symlink",
     [](Scene& s) {
         std::error_code error;
         const bool is_link = fs::is_symlink(s / "link", error);
         return error || is_link ? outcome_of(error) : failed_with(ENOENT);
     }},
    {"ifstream",
     [](Scene& s) {
         std::string text;
         return std::ifstream(s / "file") >> text && text == "content" ? 0 : failed_with(errno);
     }},
    {"fopen_and_fread",
     [](Scene& s) {
         FILE* const file = ::fopen((s / "file").c_str(), "re");
         if (file == nullptr) return -1;
         char text[8];
         const bool read = ::fread(text, 1, 7, file) == 7;
         return ::fclose(file) == 0 && read ? 0 : -1;
     }},
    {"fprintf_to_stderr",
     [](Scene& s) { return ::dup2(s.file, 2) == 2 && ::fprintf(stderr, "x\n") == 2 ? 0 : -1; }},
    // threads
    {"std_thread",
     [](Scene&) {
         try {
             std::thread([] {}).join();
         } catch (const std::system_error& error) {
             return failed_with(error.code().value());
         }
         return 0;
     }},
    {"pthread_create", [](Scene&) { return start_thread(false); }},
    {"pthread_create_detached", [](Scene&) { return start_thread(true); }},
    {"condition_variable",
     [](Scene&) {
         std::mutex mutex;
         std::condition_variable changed;
         std::unique_lock lock(mutex);
         errno = 0;
         const auto never = [] { return false; };
         return changed.wait_for(lock, std::chrono::milliseconds(1), never) || errno == ENOSYS ? -1 : 0;
     }},
    {"sched_yield", [](Scene&) { return ::sched_yield(); }},
    // memory, time, identity
    {"malloc_of_little_and_much",
     [](Scene&) {
         for (std::size_t size = 64; size <= std::size_t{64} << 20; size *= 2) {
             // Untouched: 100,000 page faults would take an emulated processor a minute.
             std::vector<char> bytes;
             bytes.reserve(size);
             bytes.push_back('x');
             bytes.reserve(2 * size);
         }
         return 0;
     }},
    {"mmap",
     [](Scene&) {
         return ::mmap(nullptr, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                        MAP_FAILED
                    ? -1
                    : 0;
     }},
    {"clock_gettime",
     [](Scene&) {
         timespec now;
         return ::clock_gettime(CLOCK_MONOTONIC, &now);
     }},
    {"time", [](Scene&) { return ::time(nullptr); }},
    {"localtime",
     [](Scene&) {
         const time_t now = 0;
         tm fields;
         return ::localtime_r(&now, &fields) == nullptr ? -1 : 0;
     }},
    {"nanosleep",
     [](Scene&) {
         const timespec moment{0, 1};
         return ::nanosleep(&moment, nullptr);
     }},
    {"sleep_for",
     [](Scene&) {
         errno = 0;
         std::this_thread::sleep_for(std::chrono::microseconds(1));
         return errno == ENOSYS ? -1 : 0;
     }},
    {"getrandom", [](Scene& s) { return ::getrandom(&s.room, sizeof s.room, 0); }},
    {"getpid", [](Scene&) { return ::getpid(); }},
    {"geteuid", [](Scene&) { return static_cast<long>(::geteuid()); }},
    {"pthread_sigmask",
     [](Scene&) {
         sigset_t other;
         ::sigemptyset(&other);
         ::sigaddset(&other, SIGUSR2);
         const int error = ::pthread_sigmask(SIG_BLOCK, &other, nullptr);
         return error != 0 ? failed_with(error) : 0;
     }},
    {"sigaction",
     [](Scene&) {
         struct sigaction ignored {};
         ignored.sa_handler = SIG_IGN;
         return ::sigaction(SIGUSR2, &ignored, nullptr);
     }},
};

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = fs::temp_directory_path() / "confined_calls.XXXXXX";
        if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

std::string name_of_error(int error) {
    if (error == ENOSYS) return "ENOSYS";
    if (error == EACCES) return "EACCES";
    if (error == EPERM) return "EPERM";
    return "errno " + std::to_string(error);
}

class ConfinedCalls : public ::testing::TestWithParam<Wrapper> {
  protected:
    /// Empty where it works, "ENOSYS (Function not implemented)" where it does not.
    static std::string outcome(const Wrapper& wrapper) {
        const TemporaryFolder folder;
        if (folder.path().empty()) return "no temporary directory";
        return in_child([&]() -> std::string {
            Scene scene(folder.path());
            if (const Status start = confine_start(FilterMode::Enforce); !start) return start.error().message;
            const Needs needs{
                false, {BLKGETSIZE64, kRequestWithBit31}, {{folder.path(), FileRule::Access::Keep}}};
            if (const Status service = confine_service(FilterMode::Enforce, needs); !service)
                return service.error().message;
            errno = 0;
            if (wrapper.call(scene) >= 0) return {};
            const int error = errno;
            return name_of_error(error) + " (" + std::strerror(error) + ")";
        });
    }
};

TEST_P(ConfinedCalls, Work) {
    const std::string refusal = outcome(GetParam());
    EXPECT_EQ(refusal, "") << GetParam().name << " fails in a confined process: " << refusal
                           << ". This C library makes a system call for it that service_calls() in "
                              "src/server/confinement.cc does not list. To see which, run: strace -f "
                              "unit_confined_calls --gtest_filter='*/"
                           << GetParam().name << "'";
}

INSTANTIATE_TEST_SUITE_P(Of, ConfinedCalls, ::testing::ValuesIn(kWrappers),
                         [](const auto& wrapper) { return std::string(wrapper.param.name); });

/// The end of a failed PRH_CHECK. musl's abort(3) cannot name its own process to tkill(2), and crashes
/// instead.
TEST(ConfinedAbort, EndsTheProcess) {
    const std::string end = in_child([]() -> std::string {
        if (!confine_start(FilterMode::Enforce)) return "not confined";
        if (!confine_service(FilterMode::Enforce, {})) return "not confined";
        ::abort();
    });
#ifdef __GLIBC__
    EXPECT_EQ(end, "died of signal " + std::to_string(SIGABRT));
#else
    EXPECT_EQ(end.rfind("died of signal ", 0), 0U) << end;
#endif
}

/// -d: a process that has entered the first stage forks, and each of the two goes on.
TEST(ConfinedStart, StillForks) {
    EXPECT_EQ(in_child([]() -> std::string {
                  if (!confine_start(FilterMode::Enforce)) return "not confined";
                  const pid_t child = ::fork();
                  if (child == 0) ::_exit(::setsid() > 0 && ::getpid() > 0 ? 7 : 1);
                  int status = 0;
                  if (child < 0 || ::waitpid(child, &status, 0) != child) return std::strerror(errno);
                  return std::to_string(WEXITSTATUS(status));
              }),
              "7");
}

}  // namespace
}  // namespace prh::test
