// NVRTC's entry points: programs are compiled by the host's clang.
#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "compiler.h"
#include "entries.h"
#include "image.h"

enum { nvrtcInvalidInput = 3, nvrtcInvalidProgram = 4, nvrtcInvalidOption = 5, nvrtcCompilation = 6 };

struct cr_program_s {
    std::string name, source, image, log;
    std::map<std::string, std::string> headers;
};

int nvrtcVersion(int *major, int *minor) {
    *major = 13;
    *minor = 0;
    return 0;
}

static const int architectures[] = {75, 80, 90};

int nvrtcGetNumSupportedArchs(int *count) {
    *count = 3;
    return 0;
}

int nvrtcGetSupportedArchs(int *known) {
    std::copy(architectures, architectures + 3, known);
    return 0;
}

int nvrtcCreateProgram(
    cr_program *program, const char *source, const char *name, int headers, const char *const *headerSources,
    const char *const *headerNames) {
    if (!program || !source || headers < 0) return nvrtcInvalidInput;
    auto made = new cr_program_s;
    made->name = name && !strchr(name, '/') ? name : "kernels.cu";
    made->source = source;
    for (int i = 0; i < headers; i++) made->headers[headerNames[i]] = headerSources[i];
    *program = made;
    return 0;
}

int nvrtcDestroyProgram(cr_program *program) {
    if (!program || !*program) return nvrtcInvalidProgram;
    delete *program;
    *program = nullptr;
    return 0;
}

static bool begins(const std::string &text, const char *with) { return text.rfind(with, 0) == 0; }

int nvrtcCompileProgram(cr_program program, int count, const char *const *options) {
    if (!program) return nvrtcInvalidProgram;
    std::vector<std::string> definitions;
    for (int i = 0; i < count; i++) {
        std::string option = options[i];
        static const char *const meaningless[] = {"--gpu-architecture=", "-arch=", "--std=", "-std=", "-default-device",
                                                  "--device-as-default-execution-space", "--fmad=", "-lineinfo",
                                                  "--generate-line-info"};
        if (option == "-D" && i + 1 < count)
            definitions.push_back("-D" + std::string(options[++i]));
        else if (begins(option, "-D"))
            definitions.push_back(option);
        else if (begins(option, "--define-macro="))
            definitions.push_back("-D" + option.substr(15));
        else if (std::none_of(std::begin(meaningless), std::end(meaningless), [&](auto word) {
                     return begins(option, word);
                 })) {
            program->log = "the fake NVRTC does not know the option " + option;
            return nvrtcInvalidOption;
        }
    }
    std::string path = fake::compile(program->name, program->source, program->headers, definitions, program->log);
    if (path.empty()) return nvrtcCompilation;
    program->image = fake::imageMark + path;
    return 0;
}

int nvrtcGetCUBINSize(cr_program program, size_t *bytes) {
    if (!program || program->image.empty()) return nvrtcInvalidProgram;
    *bytes = program->image.size() + 1;
    return 0;
}

int nvrtcGetCUBIN(cr_program program, char *image) {
    if (!program || program->image.empty()) return nvrtcInvalidProgram;
    memcpy(image, program->image.c_str(), program->image.size() + 1);
    return 0;
}

// The driver accepts PTX just like machine code.
int nvrtcGetPTXSize(cr_program program, size_t *bytes) { return nvrtcGetCUBINSize(program, bytes); }
int nvrtcGetPTX(cr_program program, char *text) { return nvrtcGetCUBIN(program, text); }

int nvrtcGetProgramLogSize(cr_program program, size_t *bytes) {
    if (!program) return nvrtcInvalidProgram;
    *bytes = program->log.size() + 1;
    return 0;
}

int nvrtcGetProgramLog(cr_program program, char *text) {
    if (!program) return nvrtcInvalidProgram;
    memcpy(text, program->log.c_str(), program->log.size() + 1);
    return 0;
}
