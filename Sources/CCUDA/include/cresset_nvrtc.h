// NVRTC: the compiler for kernels, as a library. All functions return an nvrtcResult, 0 for success.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stddef.h>

typedef struct cr_program_s *cr_program;

#define CRESSET_NVRTC(X)                                                                                               \
    X(nvrtcVersion, (int *major, int *minor))                                                                          \
    X(nvrtcGetNumSupportedArchs, (int *count))                                                                         \
    X(nvrtcGetSupportedArchs, (int *architectures))                                                                    \
    X(nvrtcCreateProgram,                                                                                              \
      (cr_program *program, const char *source, const char *name, int headers, const char *const *header_sources,      \
       const char *const *header_names))                                                                               \
    X(nvrtcCompileProgram, (cr_program program, int count, const char *const *options))                                \
    X(nvrtcDestroyProgram, (cr_program *program))                                                                      \
    X(nvrtcGetCUBINSize, (cr_program program, size_t *bytes))                                                          \
    X(nvrtcGetCUBIN, (cr_program program, char *image))                                                                \
    X(nvrtcGetPTXSize, (cr_program program, size_t *bytes))                                                            \
    X(nvrtcGetPTX, (cr_program program, char *text))                                                                   \
    X(nvrtcGetProgramLogSize, (cr_program program, size_t *bytes))                                                     \
    X(nvrtcGetProgramLog, (cr_program program, char *text))

#define CRESSET_NVRTC_FIELD(NAME, ARGUMENTS) int(*_Nonnull NAME) ARGUMENTS;
typedef struct {
    CRESSET_NVRTC(CRESSET_NVRTC_FIELD)
} cresset_nvrtc;

/// Fills `table`. Returns the first symbol that is missing, or NULL.
const char *_Nullable cresset_load_nvrtc(void *_Nonnull library, cresset_nvrtc *_Nonnull table);
#pragma clang diagnostic pop
