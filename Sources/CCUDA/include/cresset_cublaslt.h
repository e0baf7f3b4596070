// cuBLASLt: matrix products. All functions except the version return a cublasStatus_t, 0 for success.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stddef.h>
#include <stdint.h>

#include "cresset_cuda_driver.h"

typedef void *cr_lt_handle;
typedef void *cr_lt_descriptor;
typedef void *cr_lt_layout;
typedef void *cr_lt_preference;

typedef struct {
    uint64_t data[8];
} cr_lt_algorithm;

/// cublasLtMatmulHeuristicResult_t.
typedef struct {
    cr_lt_algorithm algorithm;
    size_t workspace_size;
    int state;
    float waves_count;
    int reserved[4];
} cr_lt_heuristic;

#define CRESSET_CUBLASLT(X)                                                                                            \
    X(cublasLtCreate, (cr_lt_handle *handle))                                                                          \
    X(cublasLtDestroy, (cr_lt_handle handle))                                                                          \
    X(cublasLtMatmul,                                                                                                  \
      (cr_lt_handle handle, cr_lt_descriptor descriptor, const void *alpha, const void *a, cr_lt_layout a_layout,      \
       const void *b, cr_lt_layout b_layout, const void *beta, const void *c, cr_lt_layout c_layout, void *d,          \
       cr_lt_layout d_layout, const cr_lt_algorithm *algorithm, void *workspace, size_t workspace_size,                \
       cr_stream stream))                                                                                              \
    X(cublasLtMatmulDescCreate, (cr_lt_descriptor *descriptor, int compute_type, int scale_type))                      \
    X(cublasLtMatmulDescDestroy, (cr_lt_descriptor descriptor))                                                        \
    X(cublasLtMatmulDescSetAttribute, (cr_lt_descriptor descriptor, int attribute, const void *value, size_t size))    \
    X(cublasLtMatrixLayoutCreate, (cr_lt_layout *layout, int type, uint64_t rows, uint64_t columns, int64_t leading))  \
    X(cublasLtMatrixLayoutDestroy, (cr_lt_layout layout))                                                              \
    X(cublasLtMatrixLayoutSetAttribute, (cr_lt_layout layout, int attribute, const void *value, size_t size))          \
    X(cublasLtMatmulPreferenceCreate, (cr_lt_preference *preference))                                                  \
    X(cublasLtMatmulPreferenceDestroy, (cr_lt_preference preference))                                                  \
    X(cublasLtMatmulPreferenceSetAttribute,                                                                            \
      (cr_lt_preference preference, int attribute, const void *value, size_t size))                                    \
    X(cublasLtMatmulAlgoGetHeuristic,                                                                                  \
      (cr_lt_handle handle, cr_lt_descriptor descriptor, cr_lt_layout a, cr_lt_layout b, cr_lt_layout c,               \
       cr_lt_layout d, cr_lt_preference preference, int wanted, cr_lt_heuristic *results, int *found))

#define CRESSET_CUBLASLT_FIELD(NAME, ARGUMENTS) int(*_Nonnull NAME) ARGUMENTS;
typedef struct {
    size_t (*_Nonnull cublasLtGetVersion)(void);
    CRESSET_CUBLASLT(CRESSET_CUBLASLT_FIELD)
} cresset_cublaslt;

/// Fills `table`. Returns the first symbol that is missing, or NULL.
const char *_Nullable cresset_load_cublaslt(void *_Nonnull library, cresset_cublaslt *_Nonnull table);
#pragma clang diagnostic pop
