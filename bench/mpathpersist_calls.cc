// SPDX-License-Identifier: MIT
// mpathpersist_calls MAP read-keys|register-ignore COUNT: calls of libmpathpersist in one process, as a
// helper that is linked with it makes them; prints how many microseconds each took. The library is loaded at
// run time and its interface written down here: no development package is needed. In a program of its own:
// the library keeps its state for the life of a process, and writes to standard error.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr int kReadKeys = 0, kRegisterAndIgnore = 6;
constexpr int kMostParameters = 8192;  // MPATH_MAX_PARAM_LEN
constexpr int kSuccess = 0;
constexpr int kQuiet = 0;

// The first members of struct prin_resp and struct prout_param_descriptor of mpath_persist.h, as the
// library's interface has had them since 0.8.3, and room for what follows them.
struct ReadKeysAnswer {
    std::uint32_t generation;
    std::uint32_t length;
    std::array<std::uint8_t, kMostParameters> keys;
    std::array<void*, 64> room;
};
struct OutParameters {
    std::array<std::uint8_t, 8> key;
    std::array<std::uint8_t, 8> action_key;
    std::array<std::uint8_t, 8> flags;
    std::array<std::uint8_t, kMostParameters> buffer;
    std::uint32_t transport_ids;
    std::array<void*, 64> room;
};

using Init = int (*)();
using In = int (*)(int, int, ReadKeysAnswer*, int, int);
using Out = int (*)(int, int, int, unsigned, OutParameters*, int, int);

template <class Function>
Function symbol(void* library, const char* name) {
    void* const found = ::dlsym(library, name);
    if (found == nullptr) {
        std::fprintf(stderr, "mpathpersist_calls: %s\n", ::dlerror());
        std::exit(77);
    }
    return reinterpret_cast<Function>(found);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string verb = argc == 4 ? argv[2] : "";
    const int map = argc == 4 ? ::open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (map < 0 || (verb != "read-keys" && verb != "register-ignore")) {
        std::fputs("usage: mpathpersist_calls MAP read-keys|register-ignore COUNT\n", stderr);
        return 2;
    }
    void* const library = ::dlopen("libmpathpersist.so.0", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        std::fprintf(stderr, "mpathpersist_calls: %s\n", ::dlerror());
        return 77;
    }
    const In in = symbol<In>(library, "mpath_persistent_reserve_in");
    const Out out = symbol<Out>(library, "mpath_persistent_reserve_out");
    if (symbol<Init>(library, "libmpathpersist_init")() != 0) {
        std::fputs("mpathpersist_calls: libmpathpersist_init fails\n", stderr);
        return 1;
    }
    static ReadKeysAnswer answer;
    static OutParameters parameters;
    const auto call = [&] {
        if (verb == "read-keys") return in(map, kReadKeys, &answer, kQuiet, 0);
        std::memset(&parameters, 0, sizeof parameters);
        parameters.action_key = {0, 0, 0, 0, 0, 0, 0x11, 0x11};
        return out(map, kRegisterAndIgnore, 0, 0, &parameters, kQuiet, 0);
    };
    for (int i = -1; i < std::atoi(argv[3]); ++i) {  // the first warms up
        const auto start = std::chrono::steady_clock::now();
        const int result = call();
        const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
        if (result != kSuccess) {
            std::fprintf(stderr, "mpathpersist_calls: %s fails: %d\n", verb.c_str(), result);
            return 1;
        }
        if (i >= 0) std::printf("%.1f\n", time.count());
    }
    return 0;
}
