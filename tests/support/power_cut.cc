// SPDX-License-Identifier: MIT
#include "support/power_cut.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "support/process.h"

namespace prh::test {
namespace {

using Kind = FileOperation::Kind;
using Names = std::map<std::string, std::size_t>;  // of the inodes

struct Inode {
    std::string durable;
    std::string current;
    bool synchronised = false;
};

/// A name comes to stand for an inode (`name`), or for none; a rename does both at once.
struct NameChange {
    std::string removed;
    std::string name;
    std::size_t inode = 0;

    void apply(Names& names) const {
        if (!removed.empty()) names.erase(removed);
        if (!name.empty()) names[name] = inode;
    }
};

class Directory {
  public:
    void apply(const FileOperation& operation);
    const std::vector<Inode>& inodes() const { return inodes_; }
    const Names& current() const { return current_; }
    /// What the names may be after a loss of power.
    std::vector<Names> possible_names() const;

  private:
    void change(const NameChange& change) {
        change.apply(current_);
        pending_.push_back(change);
    }
    void open(const FileOperation& operation);

    std::vector<Inode> inodes_;
    std::map<int, std::size_t> files_;
    Names durable_;
    Names current_;
    std::vector<NameChange> pending_;
};

void Directory::open(const FileOperation& operation) {
    auto found = current_.find(operation.name);
    if (found == current_.end()) {
        inodes_.emplace_back();
        change({{}, operation.name, inodes_.size() - 1});
        found = current_.find(operation.name);
    }
    files_[operation.file] = found->second;
    Inode& inode = inodes_[found->second];
    if (operation.cut && !inode.current.empty()) {
        inode.current.clear();
        inode.synchronised = false;
    }
}

void Directory::apply(const FileOperation& operation) {
    switch (operation.kind) {
        case Kind::Open: return open(operation);
        case Kind::Write: {
            Inode& inode = inodes_[files_.at(operation.file)];
            inode.current += operation.bytes;
            inode.synchronised = false;
            return;
        }
        case Kind::SyncFile: {
            Inode& inode = inodes_[files_.at(operation.file)];
            inode.durable = inode.current;
            inode.synchronised = true;
            return;
        }
        case Kind::SyncDirectory:
            durable_ = current_;
            pending_.clear();
            return;
        case Kind::Rename: return change({operation.name, operation.target, current_.at(operation.name)});
        case Kind::Unlink: return change({operation.name, {}});
    }
}

std::vector<Names> Directory::possible_names() const {
    std::vector<Names> all;
    for (std::size_t happened = 0; happened < std::size_t{1} << pending_.size(); ++happened) {
        Names names = durable_;
        for (std::size_t i = 0; i < pending_.size(); ++i)
            if ((happened >> i & 1) != 0) pending_[i].apply(names);
        all.push_back(names);
    }
    return all;
}

std::set<std::string> possible_contents(const Inode& inode, Cuts cuts) {
    if (inode.synchronised) return {inode.current};
    const std::string& now = inode.current;
    const std::size_t step = cuts == Cuts::EveryByte ? 1 : now.size() / 2 + 1;
    std::set<std::string> all = {inode.durable, now};
    for (std::size_t length = 0; length < now.size(); length += step) {
        const std::string part = now.substr(0, length);
        const std::size_t rest = now.size() - length;
        all.insert(part);
        all.insert(part + std::string(rest, '\0'));
        all.insert(part + std::string(rest, '\xA5'));
        if (length < inode.durable.size()) all.insert(part + inode.durable.substr(length));
    }
    return all;
}

Directory replay(std::span<const FileOperation> operations) {
    Directory directory;
    for (const FileOperation& operation : operations) directory.apply(operation);
    return directory;
}

}  // namespace

std::set<Files> after_power_cut(std::span<const FileOperation> operations, Cuts cuts) {
    const Directory directory = replay(operations);
    std::set<Files> states;
    for (const Names& names : directory.possible_names()) {
        std::vector<Files> combined = {{}};
        for (const auto& [name, inode] : names) {
            std::vector<Files> longer;
            for (const std::string& contents : possible_contents(directory.inodes()[inode], cuts))
                for (Files files : combined) {
                    files[name] = contents;
                    longer.push_back(std::move(files));
                }
            combined = std::move(longer);
        }
        states.insert(combined.begin(), combined.end());
    }
    return states;
}

Files after_death(std::span<const FileOperation> operations) {
    const Directory directory = replay(operations);
    Files files;
    for (const auto& [name, inode] : directory.current()) files[name] = directory.inodes()[inode].current;
    return files;
}

void put_into_directory(const Files& files, const std::string& path) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) std::filesystem::remove(entry.path());
    for (const auto& [name, contents] : files) write_file(path + "/" + name, contents);
}

}  // namespace prh::test
