// cuDNN 9: its graph API. All functions except the version return a cudnnStatus_t, 0 for success.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stddef.h>
#include <stdint.h>

#include "cresset_cuda_driver.h"

typedef struct cr_dnn_handle_s *cr_dnn_handle;
typedef void *cr_dnn_descriptor;

#define CRESSET_CUDNN(X)                                                                                               \
    X(cudnnCreate, (cr_dnn_handle *handle))                                                                            \
    X(cudnnDestroy, (cr_dnn_handle handle))                                                                            \
    X(cudnnSetStream, (cr_dnn_handle handle, cr_stream stream))                                                        \
    X(cudnnBackendCreateDescriptor, (int type, cr_dnn_descriptor *descriptor))                                         \
    X(cudnnBackendDestroyDescriptor, (cr_dnn_descriptor descriptor))                                                   \
    X(cudnnBackendSetAttribute,                                                                                        \
      (cr_dnn_descriptor descriptor, int attribute, int type, int64_t count, const void *elements))                    \
    X(cudnnBackendGetAttribute,                                                                                        \
      (cr_dnn_descriptor descriptor, int attribute, int type, int64_t wanted, int64_t *found, void *elements))         \
    X(cudnnBackendFinalize, (cr_dnn_descriptor descriptor))                                                            \
    X(cudnnBackendExecute, (cr_dnn_handle handle, cr_dnn_descriptor plan, cr_dnn_descriptor variants))

#define CRESSET_CUDNN_FIELD(NAME, ARGUMENTS) int(*_Nonnull NAME) ARGUMENTS;
typedef struct {
    size_t (*_Nonnull cudnnGetVersion)(void);
    const char *_Nonnull (*_Nonnull cudnnGetErrorString)(int status);
    void (*_Nonnull cudnnGetLastErrorString)(char *_Nonnull message, size_t size);
    CRESSET_CUDNN(CRESSET_CUDNN_FIELD)
} cresset_cudnn;

/// Fills `table`. Returns the first symbol that is missing, or NULL.
const char *_Nullable cresset_load_cudnn(void *_Nonnull library, cresset_cudnn *_Nonnull table);
#pragma clang diagnostic pop
