// SPDX-License-Identifier: MIT
#include "observe/audit_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "observe/json_object.h"

namespace prh {
namespace {

UniqueFd open_for_appending(const std::string& path) {
    return UniqueFd(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640));
}

}  // namespace

Result<std::unique_ptr<AuditFile>> AuditFile::open(const std::string& path, bool durable) {
    UniqueFd file = open_for_appending(path);
    if (!file.valid()) return fail_errno("Failed to open the audit file '" + path + "'", errno);
    return std::unique_ptr<AuditFile>(new AuditFile(path, durable, std::move(file)));
}

Status AuditFile::start() {
    if (const int code = ::pthread_create(&thread_, nullptr, &AuditFile::run, this); code != 0)
        return fail_errno("Failed to start a thread", code);
    started_ = true;
    return {};
}

bool AuditFile::finish() {
    std::unique_lock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
    if (!started_) return true;
    const bool ended = changed_.wait_for(lock, std::chrono::seconds(2), [this] { return ended_; });
    started_ = false;
    lock.unlock();
    ended ? ::pthread_join(thread_, nullptr) : ::pthread_detach(thread_);
    return ended;
}

void AuditFile::write(std::string line, std::uint64_t source, bool matters) {
    const std::lock_guard lock(mutex_);
    const auto share = shares_[matters].find(source);
    if (queued_[matters] >= kQueued || (share != shares_[matters].end() && share->second >= kShare)) {
        ++overflowed_;
        ++dropped_;
        return;
    }
    lines_.push_back({std::move(line), source, matters});
    ++queued_[matters];
    ++shares_[matters][source];
    changed_.notify_all();
}

AuditFile::Line AuditFile::take() {
    Line line = std::move(lines_.front());
    lines_.pop_front();
    --queued_[line.matters];
    const auto share = shares_[line.matters].find(line.source);
    if (--share->second == 0) shares_[line.matters].erase(share);
    return line;
}

void AuditFile::reopen() {
    const std::lock_guard lock(mutex_);
    reopen_ = true;
    changed_.notify_all();
}

void* AuditFile::run(void* self) {
    static_cast<AuditFile*>(self)->work();
    return nullptr;
}

void AuditFile::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return reopen_ || ending_ || !lines_.empty(); });
        if (std::exchange(reopen_, false)) {
            lock.unlock();
            // Where it cannot be opened the old one goes on being written.
            if (UniqueFd file = open_for_appending(path_); file.valid()) file_ = std::move(file);
            lock.lock();
        }
        if (lines_.empty()) {
            if (!ending_) continue;
            ended_ = true;
            changed_.notify_all();
            return;
        }
        Line line = take();
        missing_ += std::exchange(overflowed_, 0);
        lock.unlock();
        append(std::move(line.text));
        lock.lock();
    }
}

void AuditFile::append(std::string line) {
    if (missing_ > 0) {
        const JsonObject note =
            JsonObject().add("event", "dropped").add("records", static_cast<std::int64_t>(missing_));
        if (put(note.text())) missing_ = 0;
    }
    if (put(line)) return;
    ++missing_;
    ++dropped_;
}

bool AuditFile::put(std::string_view line) {
    const std::string bytes = (cut_ ? "\n" : "") + std::string(line) + "\n";
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    const bool whole = written == static_cast<ssize_t>(bytes.size());
    if (written > 0) cut_ = !whole;
    if (whole && durable_) ::fdatasync(file_.get());
    return whole;
}

}  // namespace prh
