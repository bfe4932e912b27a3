// SPDX-License-Identifier: MIT
// What the path broker opens, and everything that it does not. The map and its paths are loop devices in a
// /sys of the test's; the nodes are those of the machine's /dev.
#include "multipath/path_broker.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>

#include "multipath/broker_process.h"
#include "multipath_io/fake_map.h"
#include "os/file_confinement.h"
#include "os/unix_socket.h"
#include "support/child_process.h"
#include "support/environment.h"
#include "support/loop_device.h"

namespace prh::test {
namespace {

constexpr std::int32_t code_of(Refusal refusal) { return static_cast<std::int32_t>(refusal); }

class PathBrokerTest : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const LoopDevice* loop : {&map_loop_, &path_, &other_})
            if (!loop->failure().empty()) PRH_CANNOT_RUN(loop->failure());
        map_.add(path_.name(), path_.number());
    }
    BrokerPlaces places(const std::string& dev = "/dev") const {
        return {UniqueFd(::open(dev.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), map_.sysfs()};
    }
    static BrokerRequest request(const std::string& name, const std::string& number) {
        BrokerRequest request{};
        name.copy(request.name, sizeof request.name);
        number.copy(request.number, sizeof request.number);
        return request;
    }
    BrokerRequest for_the_path() const { return request(path_.name(), path_.number()); }
    /// With the map's node, opened as a client does.
    BrokerOpening open(const BrokerRequest& request, const std::string& dev = "/dev") const {
        const Descriptor map(map_loop_.node());
        return open_for_daemon(places(dev), FdRef(map.get()), request);
    }
    std::int32_t code_with(const std::string& file, int flags = O_RDWR) const {
        const Descriptor descriptor(file, flags);
        return open_for_daemon(places(), FdRef(descriptor.get()), for_the_path()).reply.code;
    }
    /// A directory of nodes in which the path's is made by `make`, which is told where.
    template <class Make>
    std::int32_t code_with_node(Make make) const {
        const TemporaryDirectory dev;
        make(dev / path_.name());
        return open(for_the_path(), dev.path()).reply.code;
    }

    LoopDevice map_loop_, path_, other_;
    FakeMap map_{map_loop_.number()};
};

TEST_F(PathBrokerTest, OpensAPathOfTheMapForReadingAlone) {
    const BrokerOpening opened = open(for_the_path());
    EXPECT_EQ(opened.reply.code, 0);
    EXPECT_EQ(device_number(opened.node.ref()), path_.number());
    EXPECT_EQ(::fcntl(opened.node.get(), F_GETFL) & O_ACCMODE, O_RDONLY);
    EXPECT_EQ(code_with(map_loop_.node(), O_RDONLY), 0) << "a client that only reads keys";
}

TEST_F(PathBrokerTest, TakesNoDescriptorThatProvesNoRightToTheMap) {
    EXPECT_EQ(code_with(map_loop_.node(), O_PATH), code_of(Refusal::NotOpen));
    EXPECT_EQ(code_with(map_loop_.node(), O_WRONLY), code_of(Refusal::NotOpen)) << "less than it would get";
    EXPECT_EQ(code_with(path_.node()), code_of(Refusal::NoMap)) << "a plain disk";
    EXPECT_EQ(code_with(other_.node()), code_of(Refusal::NoMap));
    EXPECT_EQ(code_with("/dev/null"), code_of(Refusal::NoMap));
    EXPECT_EQ(code_with(map_.dev(), O_RDONLY), code_of(Refusal::NoMap)) << "a directory";
    map_.set_uuid("LVM-x");
    EXPECT_EQ(code_with(map_loop_.node()), code_of(Refusal::NoMap)) << "another kind of map";
}

TEST_F(PathBrokerTest, OpensNothingThatIsNotBelowTheMap) {
    const auto code = [&](const std::string& name, const std::string& number) {
        return open(request(name, number)).reply.code;
    };
    EXPECT_EQ(code(other_.name(), other_.number()), code_of(Refusal::NoPath));
    EXPECT_EQ(code("null", "1:3"), code_of(Refusal::NoPath));
    EXPECT_EQ(code("../dev/" + path_.name(), path_.number()), code_of(Refusal::NoPath));
    EXPECT_EQ(code("./" + path_.name(), path_.number()), code_of(Refusal::NoPath));
    EXPECT_EQ(code("..", path_.number()), code_of(Refusal::NoPath));
    EXPECT_EQ(code(path_.name(), other_.number()), code_of(Refusal::NoPath));
    EXPECT_EQ(code(path_.name(), path_.number() + "0"), code_of(Refusal::NoPath));
    map_.let_go(path_.name());
    EXPECT_EQ(open(for_the_path()).reply.code, code_of(Refusal::NoPath)) << "device-mapper does not hold it";
}

TEST_F(PathBrokerTest, OpensNoNodeButTheDisksOwn) {
    const std::string node = path_.node();
    const auto made = [&](const std::string& number, mode_t type) {
        return code_with_node([&](const std::string& place) {
            const auto device = parse_device_number(number).value_or(DeviceNumber{});
            ASSERT_EQ(::mknod(place.c_str(), type | 0600, makedev(device.major, device.minor)), 0);
        });
    };
    const std::int32_t other = code_of(Refusal::OtherNode);
    EXPECT_EQ(made(path_.number(), S_IFBLK), 0);
    EXPECT_EQ(made(other_.number(), S_IFBLK), other);
    EXPECT_EQ(made(path_.number(), S_IFCHR), other);
    EXPECT_EQ(made("0:0", S_IFIFO), other) << "and nobody waits for its other end";
    EXPECT_EQ(code_with_node([&](const auto& place) { std::filesystem::create_symlink(node, place); }),
              other);
    EXPECT_EQ(code_with_node([](const auto& place) { write_file(place, "x"); }), other);
    EXPECT_EQ(code_with_node([](const auto&) {}), other);
}

TEST_F(PathBrokerTest, SaysWhatTheDiskSays) {
    map_.add("gone", "259:1048575");
    const TemporaryDirectory dev;
    ASSERT_EQ(::mknod((dev / "gone").c_str(), S_IFBLK | 0600, makedev(259, 1048575)), 0);
    EXPECT_EQ(open(request("gone", "259:1048575"), dev.path()).reply.code, ENXIO);
}

TEST_F(PathBrokerTest, StillWorksWhenItIsConfined) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer makes system calls of its own";
    constexpr int kDone = 200;
    const BrokerRequest request = for_the_path();  // read from a /sys that is out of reach later
    // By its exit code, since it may not write.
    const auto confined = [&](const std::function<int()>& work) {
        return in_child([&]() -> std::string {
            const Descriptor map(map_loop_.node());
            const BrokerPlaces places = this->places();
            if (const Status status = confine_broker(places, FilterMode::Enforce); !status)
                ::_exit(kDone + 1);
            for (int i = 0; i < 2; ++i)
                if (open_for_daemon(places, FdRef(map.get()), request).reply.code != 0) ::_exit(kDone + 2);
            ::_exit(work());
        });
    };
    const auto attempt = [&](const std::string& path, int flags) {
        return confined([&] { return ::open(path.c_str(), flags) >= 0 ? kDone : errno; });
    };
    const auto ended_with = [](int code) { return "ended with " + std::to_string(code); };
    EXPECT_EQ(attempt(map_.sysfs(), O_RDONLY), ended_with(kDone));
    EXPECT_EQ(attempt(path_.node(), O_RDWR), ended_with(ENOSYS));
    EXPECT_EQ(attempt(map_.sysfs() + "/new", O_WRONLY | O_CREAT), ended_with(ENOSYS));
    if (file_confinement_version() > 0) {
        EXPECT_EQ(attempt("/etc/passwd", O_RDONLY), ended_with(EACCES));
    }
    const std::string killed = "died of signal " + std::to_string(SIGSYS);
    EXPECT_EQ(confined([] { return ::execl("/bin/true", "true", nullptr); }), killed);
    EXPECT_EQ(confined([] { return ::fork(); }), killed);
}

/// A broker in a thread, with the daemon's end of the socket.
class PathBrokerSocketTest : public PathBrokerTest {
  protected:
    void SetUp() override {
        PathBrokerTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        ours_ = UniqueFd(ends[0]);
        thread_ = std::thread([this, socket = std::make_shared<UniqueFd>(ends[1])] {
            const BrokerPlaces places = this->places();
            serve_daemon(socket->ref(), places);
            socket->reset();
        });
    }
    void TearDown() override {
        ours_.reset();
        if (thread_.joinable()) thread_.join();  // it ends with us
    }
    using Bytes = std::vector<std::uint8_t>;
    static Bytes bytes_of(const BrokerRequest& request) {
        Bytes bytes(sizeof request);
        std::memcpy(bytes.data(), &request, sizeof request);
        return bytes;
    }
    void send_with(const Bytes& bytes, std::vector<int> descriptors) const {
        iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(8 * sizeof(int))] = {};
        if (!descriptors.empty()) {
            message.msg_control = control;
            message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
            cmsghdr* const header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
            std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
        }
        ASSERT_EQ(::sendmsg(ours_.get(), &message, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    /// The code of the answer; nothing also where a descriptor came with a refusal, or none with success.
    std::optional<std::int32_t> answer() const {
        std::array<std::uint8_t, 64> bytes;
        Received received;
        if (!eventually([&] {
                received = receive(ours_.ref(), bytes, true);
                return received.error != EAGAIN;
            }))
            return std::nullopt;
        std::int32_t code = 0;
        if (received.bytes != sizeof code) return std::nullopt;
        std::memcpy(&code, bytes.data(), sizeof code);
        if (received.descriptor_count != (code == 0 ? 1U : 0U)) return std::nullopt;
        return code;
    }
    std::optional<std::int32_t> answer_to(const Bytes& bytes, const std::vector<int>& descriptors) const {
        send_with(bytes, descriptors);
        return answer();
    }

    UniqueFd ours_;
    std::thread thread_;
};

TEST_F(PathBrokerSocketTest, AnswersARequestThatIsNoneAndGoesOn) {
    const Descriptor map(map_loop_.node());
    const Bytes good = bytes_of(for_the_path());
    const std::int32_t malformed = code_of(Refusal::Malformed);
    EXPECT_EQ(answer_to(good, {}), malformed) << "no descriptor";
    const std::size_t before = open_descriptors(::getpid());
    EXPECT_EQ(answer_to(good, {map.get(), map.get()}), malformed) << "two";
    EXPECT_EQ(answer_to(good, std::vector<int>(8, map.get())), malformed) << "eight";
    EXPECT_EQ(answer_to({good.begin(), good.end() - 1}, {map.get()}), malformed);
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_EQ(answer_to(longer, {map.get()}), malformed);
    EXPECT_EQ(answer_to(Bytes(4096, 1), {map.get()}), malformed);
    EXPECT_EQ(answer_to(Bytes(good.size(), 0), {map.get()}), malformed) << "no name";
    EXPECT_EQ(answer_to(Bytes(good.size(), 'a'), {map.get()}), malformed) << "without an end";
    EXPECT_EQ(answer_to(bytes_of(request(path_.name(), "")), {map.get()}), malformed) << "no number";

    EXPECT_EQ(answer_to(good, {map.get()}), 0);
    EXPECT_EQ(open_descriptors(::getpid()), before) << "what was sent stays open";
}

TEST_F(PathBrokerSocketTest, EndsWithTheDaemon) {
    ours_.reset();
    thread_.join();
}

TEST_F(PathBrokerSocketTest, GivesTheDaemonWhatItOpened) {
    PathBroker broker(std::move(ours_));
    const Descriptor map(map_loop_.node());
    auto opened = broker.open(FdRef(map.get()), path_.name(), path_.number());
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(device_number(opened->ref()), path_.number());
    EXPECT_NE(::fcntl(opened->get(), F_GETFD) & FD_CLOEXEC, 0);

    const auto refused = broker.open(FdRef(map.get()), other_.name(), other_.number());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "the path broker refuses: it is no path of the client's map");
    EXPECT_EQ(refused.error().code, 0);
    EXPECT_FALSE(broker.open(FdRef(map.get()), std::string(64, 'a'), "8:0")) << "does not fit";
    EXPECT_TRUE(broker.open(FdRef(map.get()), path_.name(), path_.number()));
}

TEST_F(PathBrokerSocketTest, OneThatHasEndedIsNotWaitedFor) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    PathBroker broker((UniqueFd(ends[0])));
    ::close(ends[1]);
    const Descriptor map(map_loop_.node());
    for (int i = 0; i < 2; ++i) {
        const auto opened = broker.open(FdRef(map.get()), path_.name(), path_.number());
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().message, "the path broker has ended");
    }
}

}  // namespace
}  // namespace prh::test
