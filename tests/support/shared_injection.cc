// SPDX-License-Identifier: MIT
#include "support/shared_injection.h"

#include <sys/mman.h>

#include <new>
#include <stdexcept>

#include "support/descriptor.h"
#include "support/environment.h"

namespace prh::test {

SharedInjection::SharedInjection(const std::string& path) : path_(path) {
    const Descriptor file(path, O_RDWR | O_CREAT);
    if (!file.valid() || ::ftruncate(file.get(), sizeof(InjectionFile)) != 0)
        throw std::runtime_error("injection file");
    void* const mapped =
        ::mmap(nullptr, sizeof(InjectionFile), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("injection file");
    file_ = new (mapped) InjectionFile;
}

SharedInjection::~SharedInjection() { ::munmap(file_, sizeof(InjectionFile)); }

std::map<std::string, std::string> SharedInjection::environment() const {
    return {{"LD_PRELOAD", test_helper("sg_io_injector.so")}, {kInjectionVariable, path_}};
}

}  // namespace prh::test
