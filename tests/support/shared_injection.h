// SPDX-License-Identifier: MIT
// The memory that a test shares with the injector (sg_io_injector.cc) inside of a program under test.
#pragma once

#include <map>
#include <string>

#include "support/sg_io_injection.h"

namespace prh::test {

class SharedInjection {
  public:
    /// Makes the file.
    explicit SharedInjection(const std::string& path);
    SharedInjection(const SharedInjection&) = delete;
    SharedInjection& operator=(const SharedInjection&) = delete;
    ~SharedInjection();

    InjectionFile* operator->() const { return file_; }
    InjectionPage& page(std::size_t index = 0) const { return file_->pages[index]; }
    /// With it a program is started with the injector inside.
    std::map<std::string, std::string> environment() const;

  private:
    const std::string path_;
    InjectionFile* file_;
};

}  // namespace prh::test
