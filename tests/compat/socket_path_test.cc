// SPDX-License-Identifier: MIT
// The socket's path: what may be there before, what is there while the program runs, and afterwards.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "compat/program_run.h"

namespace prh::test {
namespace {

class SocketPath : public ProgramTest {
  protected:
    static const std::vector<std::string> kUsual;

    /// A bound socket at DIR/helper.sock; listening as long as the descriptor that is returned.
    static int bind_socket(const std::string& directory) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, (directory + "/helper.sock").c_str(), sizeof address.sun_path - 1);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::listen(fd, 8);
        return fd;
    }
};
const std::vector<std::string> SocketPath::kUsual = {"-k", "DIR/helper.sock"};

TEST_F(SocketPath, Usual) { compare_runs("usual socket", {.arguments = kUsual}); }

TEST_F(SocketPath, ModeComesFromTheUmask) {
    for (const mode_t mask : {0000U, 0027U, 0077U, 0777U}) {
        ProcessOptions options;
        options.before_exec = [mask] { ::umask(mask); };
        compare_runs("socket with an umask", {.arguments = kUsual, .options = options});
    }
}

TEST_F(SocketPath, DirectoryIsMissing) {
    compare_runs("socket in a missing directory", {.arguments = {"-k", "DIR/missing/helper.sock"}});
}

TEST_F(SocketPath, PathIsADirectory) {
    const auto prepare = [](const std::string& directory) {
        std::filesystem::create_directory(directory + "/helper.sock");
    };
    compare_runs("socket path is a directory", {.arguments = kUsual, .prepare = prepare});
}

TEST_F(SocketPath, PathIsAFile) {
    const auto prepare = [](const std::string& directory) { write_file(directory + "/helper.sock", "text"); };
    compare_runs("socket path is a regular file", {.arguments = kUsual, .prepare = prepare});
}

TEST_F(SocketPath, PathIsASymbolicLink) {
    const auto prepare = [](const std::string& directory) {
        std::filesystem::create_symlink(directory + "/elsewhere", directory + "/helper.sock");
    };
    compare_runs("socket path is a symbolic link", {.arguments = kUsual, .prepare = prepare});
}

TEST_F(SocketPath, SocketOfAServerThatHasGone) {
    const auto prepare = [](const std::string& directory) { ::close(bind_socket(directory)); };
    compare_runs("stale socket", {.arguments = kUsual, .prepare = prepare});
}

TEST_F(SocketPath, SocketOfAServerThatListens) {
    int listener = -1;
    const auto prepare = [&](const std::string& directory) {
        if (listener >= 0) ::close(listener);
        listener = bind_socket(directory);
    };
    compare_runs("socket of another server", {.arguments = kUsual, .prepare = prepare});
    ::close(listener);
}

TEST_F(SocketPath, LengthOfThePath) {
    TemporaryDirectory directory;
    for (const std::size_t length : {106UL, 107UL, 108UL, 109UL, 200UL}) {
        // Not below DIR, whose length is not known here.
        std::string path = directory / "";
        path.resize(length, 'x');
        ProgramRun run{.arguments = {"-k", path}};
        run.socket = path;
        compare_runs("socket path of " + std::to_string(length) + " bytes", run);
    }
}

TEST_F(SocketPath, SocketThatIsGoneBeforeTheEnd) {
    ProgramRun run{.arguments = kUsual};
    run.while_serving = [](Process&, const std::string& directory) {
        ::unlink((directory + "/helper.sock").c_str());
        return std::string("removed");
    };
    compare_runs("socket removed by another", run);
}

TEST_F(SocketPath, SocketThatIsReplacedBeforeTheEnd) {
    ProgramRun run{.arguments = kUsual};
    run.while_serving = [](Process&, const std::string& directory) {
        ::unlink((directory + "/helper.sock").c_str());
        ::close(bind_socket(directory));
        return std::string("replaced");
    };
    compare_runs("socket replaced by another", run);
}

}  // namespace
}  // namespace prh::test
