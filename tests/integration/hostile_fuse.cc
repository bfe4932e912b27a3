// SPDX-License-Identifier: MIT
// A file system that does not answer. Its file "file" takes opening, and then every ioctl(2) and every
// close(2) of it waits for ever (a close is a FLUSH to a FUSE server). Opening its file "slow" waits for a
// SIGUSR1 to this program; closing it does not wait. Any user of a machine with fusermount can make one.
// Spoken directly to /dev/fuse (<linux/fuse.h>), mounted in a namespace of its own, so that nothing is left
// when this program ends: then the kernel answers what waits.
//
//     hostile_fuse DIRECTORY        prints "ready", then "ioctl", "flush" or "open" for each that waits
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t kFile = FUSE_ROOT_ID + 1;
constexpr std::uint64_t kSlow = FUSE_ROOT_ID + 2;

class Server {
  public:
    Server(int device, int signals) : device_(device), signals_(signals) {}

    [[noreturn]] void run() {
        for (;;) {
            pollfd entries[] = {{device_, POLLIN, 0}, {signals_, POLLIN, 0}};
            ::poll(entries, 2, -1);
            if (entries[1].revents != 0) open_slow();
            if (entries[0].revents == 0) continue;
            const ssize_t got = ::read(device_, request_.data(), request_.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < static_cast<ssize_t>(sizeof(fuse_in_header))) ::_exit(0);
            fuse_in_header header;
            std::memcpy(&header, request_.data(), sizeof header);
            take(header);
        }
    }

  private:
    void take(const fuse_in_header& header) {
        switch (header.opcode) {
            case FUSE_INIT: return initialize(header);
            case FUSE_LOOKUP: {
                fuse_entry_out entry{};
                entry.nodeid = std::strcmp(request_.data() + sizeof header, "slow") == 0 ? kSlow : kFile;
                entry.attr = attributes(entry.nodeid);
                return answer(header, entry);
            }
            case FUSE_GETATTR: {
                fuse_attr_out out{};
                out.attr = attributes(header.nodeid);
                return answer(header, out);
            }
            case FUSE_OPEN:
                if (header.nodeid != kSlow) return answer(header, fuse_open_out{});
                opening_.push_back(header);
                return say("open");
            case FUSE_IOCTL: return say("ioctl");
            case FUSE_FLUSH: return header.nodeid == kSlow ? refuse(header, 0) : say("flush");
            case FUSE_FORGET:
            case FUSE_BATCH_FORGET:
            case FUSE_INTERRUPT: return;  // have no answer
            default: return refuse(header);
        }
    }

    void initialize(const fuse_in_header& header) {
        fuse_init_in in;
        std::memcpy(&in, request_.data() + sizeof header, sizeof in);
        fuse_init_out out{};
        out.major = FUSE_KERNEL_VERSION;
        out.minor = std::min<std::uint32_t>(in.minor, FUSE_KERNEL_MINOR_VERSION);
        out.max_write = 4096;
        answer(header, out);
    }

    void open_slow() {
        signalfd_siginfo signal;
        if (::read(signals_, &signal, sizeof signal) < 0) return;
        for (const fuse_in_header& header : opening_) answer(header, fuse_open_out{});
        opening_.clear();
    }

    static fuse_attr attributes(std::uint64_t node) {
        fuse_attr attr{};
        attr.ino = node;
        attr.nlink = 1;
        attr.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0777 : S_IFREG | 0666;
        return attr;
    }

    static void say(const char* what) {
        std::puts(what);
        std::fflush(stdout);
    }

    template <class T>
    void answer(const fuse_in_header& header, const T& body) {
        struct {
            fuse_out_header header;
            T body;
        } out{{sizeof out, 0, header.unique}, body};
        if (::write(device_, &out, sizeof out) < 0) std::perror("answer");
    }

    void refuse(const fuse_in_header& header, int error = -ENOSYS) {
        const fuse_out_header out{sizeof out, error, header.unique};
        if (::write(device_, &out, sizeof out) < 0) std::perror("answer");
    }

    const int device_;
    const int signals_;
    std::vector<fuse_in_header> opening_;
    std::vector<char> request_ = std::vector<char>(1 << 17);
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int device = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0) return std::perror("/dev/fuse"), 1;
    const std::string options =
        "fd=" + std::to_string(device) + ",rootmode=40000,user_id=0,group_id=0,allow_other";
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("hostile", argv[1], "fuse", MS_NOSUID | MS_NODEV, options.c_str()) != 0)
        return std::perror("mount"), 1;
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGUSR1);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    Server server(device, ::signalfd(-1, &set, SFD_CLOEXEC));
    std::puts("ready");
    std::fflush(stdout);
    server.run();
}
