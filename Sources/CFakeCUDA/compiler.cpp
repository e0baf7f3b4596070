#include "compiler.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#pragma clang diagnostic ignored "-Wc23-extensions"

extern char **environ;

namespace fake {

static const char abiText[] = {
#embed "Device/fake_abi.h"
    , 0};
static const char deviceText[] = {
#embed "Device/fake_device.h"
    , 0};
static const char atomicsText[] = {
#embed "Device/fake_atomics.h"
    , 0};
static const char mathText[] = {
#embed "Device/fake_math.h"
    , 0};

using Files = std::map<std::string, std::string>;

static std::string variable(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

// MARK: The compiler

static std::string onPath(const char *program) {
    std::string path = variable("PATH");
    for (size_t start = 0; start <= path.size();) {
        size_t end = std::min(path.find(':', start), path.size());
        std::string candidate = path.substr(start, end - start) + "/" + program;
        if (end > start && access(candidate.c_str(), X_OK) == 0) return candidate;
        start = end + 1;
    }
    return "";
}

/// clang++, which every Swift toolchain has next to `swift`.
static const std::string &compilerPath() {
    static const std::string &found = *new std::string([] {
        std::string path = variable("CRESSET_FAKE_CUDA_COMPILER");
        if (path.empty()) path = onPath("clang++");
        if (!path.empty()) return path;
        std::string swift = onPath("swift");
        char target[4096];
        if (!swift.empty() && realpath(swift.c_str(), target)) {
            std::string beside = target;
            beside = beside.substr(0, beside.rfind('/')) + "/clang++";
            if (access(beside.c_str(), X_OK) == 0) return beside;
        }
        return std::string();
    }());
    return found;
}

/// -O1 keeps compilation short; out-of-range conversions saturate and integers wrap, as on a GPU.
static std::vector<std::string> flags() {
    std::vector<std::string> words = {"-std=c++17", "-x", "c++", "-w", "-fPIC", "-shared", "-fvisibility=hidden"};
    std::string own = variable("CRESSET_FAKE_CUDA_FLAGS");
    if (own.empty())
        own = "-O1 -fno-strict-aliasing -ffp-contract=off -fwrapv -fno-strict-float-cast-overflow -fno-math-errno "
              "-fsanitize=alignment -fsanitize-trap=alignment";
    for (size_t start = 0; start < own.size();) {
        size_t end = std::min(own.find(' ', start), own.size());
        if (end > start) words.push_back(own.substr(start, end - start));
        start = end + 1;
    }
    return words;
}

/// Runs a program and returns what it wrote to standard error.
static int execute(const std::vector<std::string> &words, const std::string &errors, std::string &log) {
    std::vector<char *> arguments;
    for (auto &word : words) arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child;
    int status = posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0) {
        log = std::string(arguments[0]) + ": " + strerror(status);
        return status;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (FILE *file = fopen(errors.c_str(), "r")) {
        char text[4096];
        size_t count;
        while ((count = fread(text, 1, sizeof text, file)) > 0) log.append(text, count);
        fclose(file);
    }
    return status;
}

// MARK: Files

static void makeFolder(const std::string &path) {
    for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1))
        mkdir(path.substr(0, end).c_str(), 0700);
    mkdir(path.c_str(), 0700);
}

static std::string cacheFolder() {
    std::string folder = variable("CRESSET_FAKE_CUDA_CACHE");
    if (folder.empty() && !variable("XDG_CACHE_HOME").empty())
        folder = variable("XDG_CACHE_HOME") + "/cresset/fake-cuda";
    if (folder.empty()) folder = "/tmp/cresset-fake-cuda-" + std::to_string(getuid());
    makeFolder(folder);
    return folder;
}

static bool write(const std::string &path, const std::string &text) {
    FILE *file = fopen(path.c_str(), "w");
    if (!file) return false;
    bool isWhole = fwrite(text.data(), 1, text.size(), file) == text.size();
    return fclose(file) == 0 && isWhole;
}

/// The files that a text includes, directly or indirectly.
static void collect(const std::string &text, const Files &known, Files &used) {
    static const std::string word = "#include \"";
    for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        size_t start = at + word.size(), end = text.find('"', start);
        if (end == std::string::npos) return;
        auto found = known.find(text.substr(start, end - start));
        if (found == known.end() || used.count(found->first)) continue;
        used.insert(*found);
        collect(found->second, known, used);
    }
}

static std::string hash(const std::string &text) {
    uint64_t one = 0xcbf29ce484222325, two = 0x9e3779b97f4a7c15;
    for (unsigned char c : text) {
        one = (one ^ c) * 0x100000001b3;
        two = ((two << 13 | two >> 51) ^ c) * 0xff51afd7ed558ccd;
    }
    char digits[40];
    snprintf(digits, sizeof digits, "%016llx%016llx", (unsigned long long)one, (unsigned long long)two);
    return digits;
}

static void removeFolder(const std::string &folder, const Files &files, const std::vector<std::string> &others) {
    for (auto &file : files) unlink((folder + "/" + file.first).c_str());
    for (auto &name : others) unlink((folder + "/" + name).c_str());
    rmdir(folder.c_str());
}

static std::string build(
    const std::string &name, const Files &files, std::vector<std::string> words, const std::string &target,
    std::string &log) {
    // The target appears completely or not at all: several processes may compile it at once.
    std::string folder = target + ".XXXXXX";
    if (!mkdtemp(&folder[0])) {
        log = folder + ": " + strerror(errno);
        return "";
    }
    for (auto &file : files)
        if (!write(folder + "/" + file.first, file.second)) log = folder + ": not writable";
    std::string made = folder + "/kernels.so";
    words.insert(words.begin(), compilerPath());
    for (const std::string &word : {"-I" + folder, "-fmacro-prefix-map=" + folder + "/=", std::string("-o"), made,
                                    folder + "/" + name})
        words.push_back(word);
    bool isMade = log.empty() && execute(words, folder + "/log", log) == 0 && rename(made.c_str(), target.c_str()) == 0;
    removeFolder(folder, files, {"log", "kernels.so"});
    return isMade ? target : "";
}

std::string compile(
    const std::string &name, const std::string &source, const std::map<std::string, std::string> &headers,
    const std::vector<std::string> &definitions, std::string &log) {
    if (compilerPath().empty()) {
        log = "there is no clang++ on the PATH or next to swift";
        return "";
    }
    Files known = headers, files;
    known["fake_abi.h"] = abiText;
    known["fake_device.h"] = deviceText;
    known["fake_atomics.h"] = atomicsText;
    known["fake_math.h"] = mathText;
    collect(source, known, files);
    files[name] = source;
    std::vector<std::string> words = flags();
    words.insert(words.end(), definitions.begin(), definitions.end());
    std::string all = compilerPath();
    for (auto &word : words) all += '\0' + word;
    for (auto &file : files) all += '\0' + file.first + '\0' + file.second;
    std::string target = cacheFolder() + "/" + hash(all) + ".so";
    if (access(target.c_str(), R_OK) == 0) return target;
    return build(name, files, words, target, log);
}

}  // namespace fake
