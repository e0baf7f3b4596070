// The CUDA driver's functions that Cresset calls. Symbols carry the version that `cuda.h` hides behind macros.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t cr_device_pointer;
typedef struct cr_context_s *cr_context;
typedef struct cr_stream_s *cr_stream;
typedef struct cr_event_s *cr_event;
typedef struct cr_module_s *cr_module;
typedef struct cr_function_s *cr_function;
typedef struct cr_graph_s *cr_graph;
typedef struct cr_graph_exec_s *cr_graph_exec;

// Rows: name, arguments. All return a CUresult, 0 for success.
#define CRESSET_CUDA_DRIVER_REQUIRED(X)                                                                                \
    X(cuInit, (unsigned flags))                                                                                        \
    X(cuDriverGetVersion, (int *version))                                                                              \
    X(cuDeviceGetCount, (int *count))                                                                                  \
    X(cuDeviceGet, (int *device, int ordinal))                                                                         \
    X(cuDeviceGetName, (char *name, int length, int device))                                                           \
    X(cuDeviceGetAttribute, (int *value, int attribute, int device))                                                   \
    X(cuDeviceTotalMem_v2, (size_t *bytes, int device))                                                                \
    X(cuDeviceGetPCIBusId, (char *name, int length, int device))                                                       \
    X(cuDevicePrimaryCtxRetain, (cr_context *context, int device))                                                     \
    X(cuCtxSetCurrent, (cr_context context))                                                                           \
    X(cuCtxSynchronize, (void))                                                                                        \
    X(cuCtxGetStreamPriorityRange, (int *least, int *greatest))                                                        \
    X(cuGetErrorName, (int error, const char **name))                                                                  \
    X(cuGetErrorString, (int error, const char **text))                                                                \
    X(cuMemGetInfo_v2, (size_t *available, size_t *total))                                                             \
    X(cuMemAlloc_v2, (cr_device_pointer *pointer, size_t bytes))                                                       \
    X(cuMemFree_v2, (cr_device_pointer pointer))                                                                       \
    X(cuMemHostAlloc, (void **pointer, size_t bytes, unsigned flags))                                                  \
    X(cuMemFreeHost, (void *pointer))                                                                                  \
    X(cuMemcpyHtoDAsync_v2, (cr_device_pointer to, const void *from, size_t bytes, cr_stream stream))                  \
    X(cuMemcpyDtoHAsync_v2, (void *to, cr_device_pointer from, size_t bytes, cr_stream stream))                        \
    X(cuMemcpyDtoDAsync_v2, (cr_device_pointer to, cr_device_pointer from, size_t bytes, cr_stream stream))            \
    X(cuMemsetD8Async, (cr_device_pointer pointer, unsigned char value, size_t count, cr_stream stream))               \
    X(cuMemsetD32Async, (cr_device_pointer pointer, unsigned value, size_t count, cr_stream stream))                   \
    X(cuStreamCreateWithPriority, (cr_stream *stream, unsigned flags, int priority))                                   \
    X(cuStreamDestroy_v2, (cr_stream stream))                                                                          \
    X(cuStreamSynchronize, (cr_stream stream))                                                                         \
    X(cuStreamQuery, (cr_stream stream))                                                                               \
    X(cuStreamWaitEvent, (cr_stream stream, cr_event event, unsigned flags))                                           \
    X(cuEventCreate, (cr_event *event, unsigned flags))                                                                \
    X(cuEventDestroy_v2, (cr_event event))                                                                             \
    X(cuEventRecord, (cr_event event, cr_stream stream))                                                               \
    X(cuEventQuery, (cr_event event))                                                                                  \
    X(cuEventSynchronize, (cr_event event))                                                                            \
    X(cuEventElapsedTime, (float *milliseconds, cr_event start, cr_event end))                                         \
    X(cuModuleLoadData, (cr_module *module, const void *image))                                                        \
    X(cuModuleUnload, (cr_module module))                                                                              \
    X(cuModuleGetFunction, (cr_function *function, cr_module module, const char *name))                                \
    X(cuFuncSetAttribute, (cr_function function, int attribute, int value))                                            \
    X(cuFuncGetAttribute, (int *value, int attribute, cr_function function))                                           \
    X(cuLaunchKernel,                                                                                                  \
      (cr_function function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,    \
       unsigned block_z, unsigned shared_bytes, cr_stream stream, void **parameters, void **extra))                    \
    X(cuStreamBeginCapture_v2, (cr_stream stream, int mode))                                                           \
    X(cuStreamEndCapture, (cr_stream stream, cr_graph *graph))                                                         \
    X(cuStreamIsCapturing, (cr_stream stream, int *status))                                                            \
    X(cuThreadExchangeStreamCaptureMode, (int *mode))                                                                  \
    X(cuGraphInstantiateWithFlags, (cr_graph_exec *executable, cr_graph graph, uint64_t flags))                        \
    X(cuGraphLaunch, (cr_graph_exec executable, cr_stream stream))                                                     \
    X(cuGraphUpload, (cr_graph_exec executable, cr_stream stream))                                                     \
    X(cuGraphExecDestroy, (cr_graph_exec executable))                                                                  \
    X(cuGraphDestroy, (cr_graph graph))                                                                                \
    X(cuGraphGetNodes, (cr_graph graph, void **nodes, size_t *count))

// Rows that may be missing from a driver.
#define CRESSET_CUDA_DRIVER_OPTIONAL(X)                                                                                \
    X(cuDeviceCanAccessPeer, (int *can, int device, int peer))                                                         \
    X(cuCtxEnablePeerAccess, (cr_context peer, unsigned flags))                                                        \
    X(cuMemcpyPeerAsync,                                                                                               \
      (cr_device_pointer to, cr_context to_context, cr_device_pointer from, cr_context from_context, size_t bytes,     \
       cr_stream stream))                                                                                              \
    X(cuProfilerStart, (void))                                                                                         \
    X(cuProfilerStop, (void))

#define CRESSET_REQUIRED_FIELD(NAME, ARGUMENTS) int(*_Nonnull NAME) ARGUMENTS;
#define CRESSET_OPTIONAL_FIELD(NAME, ARGUMENTS) int(*_Nullable NAME) ARGUMENTS;

typedef struct {
    CRESSET_CUDA_DRIVER_REQUIRED(CRESSET_REQUIRED_FIELD)
    CRESSET_CUDA_DRIVER_OPTIONAL(CRESSET_OPTIONAL_FIELD)
} cresset_cuda_driver;

/// Fills `table` from a library opened with dlopen. Returns the first required symbol that is missing, or NULL.
const char *_Nullable cresset_load_cuda_driver(void *_Nonnull library, cresset_cuda_driver *_Nonnull table);

/// The device whose context is current on this thread, -1 before there is one; cached by `cresset_set_current_device`.
int cresset_current_device(void);
void cresset_set_current_device(int device);
#pragma clang diagnostic pop
