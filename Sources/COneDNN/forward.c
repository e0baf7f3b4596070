// The functions of oneDNN that are called here, each passed on to the library once that is open. The compiler holds them to
// the declarations of its header.
#include "include/COneDNN.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *library;
static char problem[512];

static void open_library(void) {
    library = dlopen("libdnnl.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(problem, sizeof problem, "%s", reason ? reason : "libdnnl.so.3 cannot be opened");
    }
}

const char *cresset_onednn_problem(void) {
    pthread_once(&once, open_library);
    return library ? NULL : problem;
}

static void *find(const char *name) {
    if (!cresset_onednn_problem()) {
        void *function = dlsym(library, name);
        if (function) return function;
        snprintf(problem, sizeof problem, "libdnnl.so.3 has no %s", name);
    }
    fprintf(stderr, "error: oneDNN: %s\n  hint: install oneDNN 3.2 or later (scripts/setup does)\n", problem);
    _exit(69);
}

// Two threads may both look it up, with the same result.
#define FORWARD(RESULT, NAME, PARAMETERS, ARGUMENTS)                     \
    RESULT NAME PARAMETERS {                                             \
        static RESULT(*known) PARAMETERS;                                \
        RESULT(*function) PARAMETERS;                                    \
        __atomic_load(&known, &function, __ATOMIC_RELAXED);              \
        if (!function) {                                                 \
            *(void **)&function = find(#NAME);                           \
            __atomic_store(&known, &function, __ATOMIC_RELAXED);         \
        }                                                                \
        return function ARGUMENTS;                                       \
    }

FORWARD(dnnl_status_t, dnnl_convolution_backward_data_primitive_desc_create,
        (dnnl_primitive_desc_t *primitive_desc, dnnl_engine_t engine, dnnl_alg_kind_t alg_kind,
         const_dnnl_memory_desc_t diff_src_desc, const_dnnl_memory_desc_t weights_desc, const_dnnl_memory_desc_t
         diff_dst_desc, const dnnl_dims_t strides, const dnnl_dims_t dilates, const dnnl_dims_t padding_l, const
         dnnl_dims_t padding_r, const_dnnl_primitive_desc_t hint_fwd_pd, const_dnnl_primitive_attr_t attr),
        (primitive_desc, engine, alg_kind, diff_src_desc, weights_desc, diff_dst_desc, strides, dilates, padding_l,
         padding_r, hint_fwd_pd, attr))
FORWARD(dnnl_status_t, dnnl_convolution_backward_weights_primitive_desc_create,
        (dnnl_primitive_desc_t *primitive_desc, dnnl_engine_t engine, dnnl_alg_kind_t alg_kind,
         const_dnnl_memory_desc_t src_desc, const_dnnl_memory_desc_t diff_weights_desc, const_dnnl_memory_desc_t
         diff_bias_desc, const_dnnl_memory_desc_t diff_dst_desc, const dnnl_dims_t strides, const dnnl_dims_t dilates,
         const dnnl_dims_t padding_l, const dnnl_dims_t padding_r, const_dnnl_primitive_desc_t hint_fwd_pd,
         const_dnnl_primitive_attr_t attr),
        (primitive_desc, engine, alg_kind, src_desc, diff_weights_desc, diff_bias_desc, diff_dst_desc, strides,
         dilates, padding_l, padding_r, hint_fwd_pd, attr))
FORWARD(dnnl_status_t, dnnl_convolution_forward_primitive_desc_create,
        (dnnl_primitive_desc_t *primitive_desc, dnnl_engine_t engine, dnnl_prop_kind_t prop_kind, dnnl_alg_kind_t
         alg_kind, const_dnnl_memory_desc_t src_desc, const_dnnl_memory_desc_t weights_desc, const_dnnl_memory_desc_t
         bias_desc, const_dnnl_memory_desc_t dst_desc, const dnnl_dims_t strides, const dnnl_dims_t dilates, const
         dnnl_dims_t padding_l, const dnnl_dims_t padding_r, const_dnnl_primitive_attr_t attr),
        (primitive_desc, engine, prop_kind, alg_kind, src_desc, weights_desc, bias_desc, dst_desc, strides, dilates,
         padding_l, padding_r, attr))
FORWARD(dnnl_status_t, dnnl_engine_create,
        (dnnl_engine_t *engine, dnnl_engine_kind_t kind, size_t index),
        (engine, kind, index))
FORWARD(dnnl_cpu_isa_t, dnnl_get_effective_cpu_isa,
        (void),
        ())
FORWARD(dnnl_status_t, dnnl_matmul_primitive_desc_create,
        (dnnl_primitive_desc_t *primitive_desc, dnnl_engine_t engine, const_dnnl_memory_desc_t src_desc,
         const_dnnl_memory_desc_t weights_desc, const_dnnl_memory_desc_t bias_desc, const_dnnl_memory_desc_t dst_desc,
         const_dnnl_primitive_attr_t attr),
        (primitive_desc, engine, src_desc, weights_desc, bias_desc, dst_desc, attr))
FORWARD(dnnl_status_t, dnnl_memory_create,
        (dnnl_memory_t *memory, const_dnnl_memory_desc_t memory_desc, dnnl_engine_t engine, void *handle),
        (memory, memory_desc, engine, handle))
FORWARD(dnnl_status_t, dnnl_memory_desc_clone,
        (dnnl_memory_desc_t *memory_desc, const_dnnl_memory_desc_t existing_memory_desc),
        (memory_desc, existing_memory_desc))
FORWARD(dnnl_status_t, dnnl_memory_desc_create_with_strides,
        (dnnl_memory_desc_t *memory_desc, int ndims, const dnnl_dims_t dims, dnnl_data_type_t data_type, const
         dnnl_dims_t strides),
        (memory_desc, ndims, dims, data_type, strides))
FORWARD(dnnl_status_t, dnnl_memory_desc_create_with_tag,
        (dnnl_memory_desc_t *memory_desc, int ndims, const dnnl_dims_t dims, dnnl_data_type_t data_type,
         dnnl_format_tag_t tag),
        (memory_desc, ndims, dims, data_type, tag))
FORWARD(dnnl_status_t, dnnl_memory_desc_destroy,
        (dnnl_memory_desc_t memory_desc),
        (memory_desc))
FORWARD(int, dnnl_memory_desc_equal,
        (const_dnnl_memory_desc_t lhs, const_dnnl_memory_desc_t rhs),
        (lhs, rhs))
FORWARD(size_t, dnnl_memory_desc_get_size,
        (const_dnnl_memory_desc_t memory_desc),
        (memory_desc))
FORWARD(dnnl_status_t, dnnl_memory_destroy,
        (dnnl_memory_t memory),
        (memory))
FORWARD(dnnl_status_t, dnnl_memory_set_data_handle,
        (dnnl_memory_t memory, void *handle),
        (memory, handle))
FORWARD(dnnl_status_t, dnnl_pooling_forward_primitive_desc_create,
        (dnnl_primitive_desc_t *primitive_desc, dnnl_engine_t engine, dnnl_prop_kind_t prop_kind, dnnl_alg_kind_t
         alg_kind, const_dnnl_memory_desc_t src_desc, const_dnnl_memory_desc_t dst_desc, const dnnl_dims_t strides,
         const dnnl_dims_t kernel, const dnnl_dims_t dilation, const dnnl_dims_t padding_l, const dnnl_dims_t
         padding_r, const_dnnl_primitive_attr_t attr),
        (primitive_desc, engine, prop_kind, alg_kind, src_desc, dst_desc, strides, kernel, dilation, padding_l,
         padding_r, attr))
FORWARD(dnnl_status_t, dnnl_post_ops_append_binary,
        (dnnl_post_ops_t post_ops, dnnl_alg_kind_t alg_kind, const_dnnl_memory_desc_t src1_desc),
        (post_ops, alg_kind, src1_desc))
FORWARD(dnnl_status_t, dnnl_post_ops_append_eltwise,
        (dnnl_post_ops_t post_ops, dnnl_alg_kind_t alg_kind, float alpha, float beta),
        (post_ops, alg_kind, alpha, beta))
FORWARD(dnnl_status_t, dnnl_post_ops_append_sum,
        (dnnl_post_ops_t post_ops, float scale, int32_t zero_point, dnnl_data_type_t data_type),
        (post_ops, scale, zero_point, data_type))
FORWARD(dnnl_status_t, dnnl_post_ops_create,
        (dnnl_post_ops_t *post_ops),
        (post_ops))
FORWARD(dnnl_status_t, dnnl_post_ops_destroy,
        (dnnl_post_ops_t post_ops),
        (post_ops))
FORWARD(dnnl_status_t, dnnl_primitive_attr_create,
        (dnnl_primitive_attr_t *attr),
        (attr))
FORWARD(dnnl_status_t, dnnl_primitive_attr_destroy,
        (dnnl_primitive_attr_t attr),
        (attr))
FORWARD(dnnl_status_t, dnnl_primitive_attr_set_post_ops,
        (dnnl_primitive_attr_t attr, const_dnnl_post_ops_t post_ops),
        (attr, post_ops))
FORWARD(dnnl_status_t, dnnl_primitive_attr_set_scales_mask,
        (dnnl_primitive_attr_t attr, int arg, int mask),
        (attr, arg, mask))
FORWARD(dnnl_status_t, dnnl_primitive_attr_set_scratchpad_mode,
        (dnnl_primitive_attr_t attr, dnnl_scratchpad_mode_t mode),
        (attr, mode))
FORWARD(dnnl_status_t, dnnl_primitive_create,
        (dnnl_primitive_t *primitive, const_dnnl_primitive_desc_t primitive_desc),
        (primitive, primitive_desc))
FORWARD(dnnl_status_t, dnnl_primitive_desc_destroy,
        (dnnl_primitive_desc_t primitive_desc),
        (primitive_desc))
FORWARD(dnnl_status_t, dnnl_primitive_desc_query,
        (const_dnnl_primitive_desc_t primitive_desc, dnnl_query_t what, int index, void *result),
        (primitive_desc, what, index, result))
FORWARD(const_dnnl_memory_desc_t, dnnl_primitive_desc_query_md,
        (const_dnnl_primitive_desc_t primitive_desc, dnnl_query_t what, int index),
        (primitive_desc, what, index))
FORWARD(dnnl_status_t, dnnl_primitive_destroy,
        (dnnl_primitive_t primitive),
        (primitive))
FORWARD(dnnl_status_t, dnnl_primitive_execute,
        (const_dnnl_primitive_t primitive, dnnl_stream_t stream, int nargs, const dnnl_exec_arg_t *args),
        (primitive, stream, nargs, args))
FORWARD(dnnl_status_t, dnnl_reorder_primitive_desc_create,
        (dnnl_primitive_desc_t *reorder_primitive_desc, const_dnnl_memory_desc_t src_desc, dnnl_engine_t src_engine,
         const_dnnl_memory_desc_t dst_desc, dnnl_engine_t dst_engine, const_dnnl_primitive_attr_t attr),
        (reorder_primitive_desc, src_desc, src_engine, dst_desc, dst_engine, attr))
FORWARD(dnnl_status_t, dnnl_stream_create,
        (dnnl_stream_t *stream, dnnl_engine_t engine, unsigned flags),
        (stream, engine, flags))
FORWARD(const dnnl_version_t *, dnnl_version,
        (void),
        ())
