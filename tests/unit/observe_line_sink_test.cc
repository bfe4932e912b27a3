// SPDX-License-Identifier: MIT
// Where lines go: nobody who does not read them can hold the program up.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "observe/line_sink.h"
#include "support/child_process.h"
#include "support/datagram_receiver.h"
#include "support/environment.h"
#include "support/private_namespace.h"
#include "support/process.h"

namespace prh::test {
namespace {

std::string yes(bool value) { return value ? "yes" : "no"; }

TEST(WriteLine, WritesTheLineAsItIs) {
    TemporaryDirectory directory;
    const Descriptor file(directory / "file", O_WRONLY | O_CREAT | O_APPEND);
    EXPECT_TRUE(write_line(FdRef(file.get()), "one\n"));
    EXPECT_TRUE(write_line(FdRef(file.get()), std::string(100'000, 'x') + "\n"));
    EXPECT_EQ(read_file(directory / "file"), "one\n" + std::string(100'000, 'x') + "\n");
}

TEST(WriteLine, SaysSoWhereNobodyTakesIt) {
    EXPECT_FALSE(write_line(FdRef(), "x\n"));
    const Descriptor full("/dev/full", O_WRONLY);
    EXPECT_FALSE(write_line(FdRef(full.get()), "x\n"));
    const Descriptor reading("/dev/null", O_RDONLY);
    EXPECT_FALSE(write_line(FdRef(reading.get()), "x\n"));
}

TEST(WriteLine, ToAPipeWithoutAReaderIsNotDelivered) {
    EXPECT_EQ(in_child([] {
                  ::signal(SIGPIPE, SIG_IGN);
                  StderrPipe err;
                  err.close();
                  return yes(write_line(FdRef(2), "x\n"));
              }),
              "no");
}

TEST(WriteLine, ToAFullPipeReturnsAtOnce) {
    EXPECT_EQ(in_child([] {
                  StderrPipe err;
                  err.fill();
                  return yes(write_line(FdRef(2), "x\n"));
              }),
              "no");
}

TEST(WriteLine, LongerThanTheRoomInAPipeReturnsAtOnce) {
    for (const std::size_t room : {4096U, 20000U}) {
        EXPECT_EQ(in_child([room] {
                      StderrPipe err;
                      const std::size_t capacity = err.fill();
                      err.text();
                      const std::string most(capacity - room, 'x');
                      const bool filled = write_line(FdRef(2), most);
                      return yes(filled) + yes(write_line(FdRef(2), std::string(30'000, 'y') + "\n"));
                  }),
                  "yesno")
            << room;
    }
}

class SystemLogTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!can_have_private_namespace()) PRH_CANNOT_RUN("no private mount namespace");
    }
    TemporaryDirectory directory_;
    const std::string address_ = directory_ / "log";
};

TEST_F(SystemLogTest, GetsARecordOfFacilityDaemonAndSeverityNotice) {
    for (const LogPlace place : {LogPlace::DevLog, LogPlace::JournalSocket}) {
        ::unlink(address_.c_str());
        DatagramReceiver receiver(address_);
        const std::string pid = in_child([&] {
            in_private_namespace(address_, place)();
            SystemLog log("a-program");
            return log.connected() && log.write("hello") ? std::to_string(::getpid()) : "not written";
        });
        ASSERT_EQ(receiver.messages().size(), 1U) << pid;
        EXPECT_EQ(receiver.messages()[0], "<29>a-program[" + pid + "]: hello");
    }
}

TEST_F(SystemLogTest, ThatIsNotThereTakesNothing) {
    EXPECT_EQ(in_child([] {
                  in_private_namespace()();
                  SystemLog log("a-program");
                  return yes(log.connected()) + yes(log.write("x")) + yes(log.write("x"));
              }),
              "nonono");
}

TEST_F(SystemLogTest, ThatWasRestartedIsFoundAgain) {
    EXPECT_EQ(in_child([&] {
                  std::optional<DatagramReceiver> receiver(address_);
                  in_private_namespace(address_)();
                  SystemLog log("a-program");
                  const bool before = log.write("one");
                  receiver.reset();
                  const bool without = log.write("two");
                  ::unlink(address_.c_str());
                  receiver.emplace(address_);
                  const bool after = log.write("three");
                  return yes(before) + yes(without) + yes(after) + std::to_string(receiver->count("three"));
              }),
              "yesnoyes1");
}

TEST_F(SystemLogTest, ThatComesLaterIsFoundWhateverFailedBefore) {
    EXPECT_EQ(in_child([&] {
                  in_private_namespace(address_)();
                  SystemLog log("a-program");
                  DatagramReceiver receiver(address_);
                  errno = EAGAIN;  // of some other call
                  const bool written = log.write("x");
                  return yes(written) + std::to_string(receiver.count("x"));
              }),
              "yes1");
}

TEST_F(SystemLogTest, ThatIsStuckHoldsNobodyUp) {
    EXPECT_EQ(in_child([&] {
                  DatagramReceiver receiver(address_);
                  in_private_namespace(address_)();
                  SystemLog log("a-program");
                  std::size_t taken = 0;
                  while (taken < 100'000 && log.write("x")) ++taken;
                  const bool stuck = taken < 100'000 && !log.write("x");
                  receiver.messages();
                  return yes(stuck) + yes(log.write("y"));
              }),
              "yesyes");
}

}  // namespace
}  // namespace prh::test
