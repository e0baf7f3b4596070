#include "include/cresset_kernel_sources.h"

#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

// `#embed` needs the file name spelt out, so each file has its own array and row.
#define TEXT(NAME) static const char NAME[]

TEXT(device_h) = {
#embed "Kernels/device.h"
    , 0};
TEXT(parameters_h) = {
#embed "Kernels/parameters.h"
    , 0};
TEXT(walk_h) = {
#embed "Kernels/walk.h"
    , 0};
TEXT(elementwise_h) = {
#embed "Kernels/elementwise.h"
    , 0};
TEXT(operators_h) = {
#embed "Kernels/operators.h"
    , 0};
TEXT(conversions_h) = {
#embed "Kernels/conversions.h"
    , 0};
TEXT(formulas_h) = {
#embed "Kernels/formulas.h"
    , 0};
// The formulas of pointwise operators are shared with the CPU.
TEXT(formula_functions_h) = {
#embed "../CKernels/formula_functions.h"
    , 0};
TEXT(unary_formulas_h) = {
#embed "../CKernels/Templates/unary_formulas.h"
    , 0};
TEXT(binary_formulas_h) = {
#embed "../CKernels/Templates/binary_formulas.h"
    , 0};
TEXT(fault_h) = {
#embed "Kernels/fault.h"
    , 0};
TEXT(rows_h) = {
#embed "Kernels/rows.h"
    , 0};
TEXT(lines_h) = {
#embed "Kernels/lines.h"
    , 0};
TEXT(copy_cu) = {
#embed "Kernels/copy.cu"
    , 0};
TEXT(copy_h) = {
#embed "Kernels/copy.h"
    , 0};
TEXT(pointwise_cu) = {
#embed "Kernels/pointwise.cu"
    , 0};
TEXT(pointwise_h) = {
#embed "Kernels/pointwise.h"
    , 0};
TEXT(chain_cu) = {
#embed "Kernels/chain.cu"
    , 0};
TEXT(chain_h) = {
#embed "Kernels/chain.h"
    , 0};
TEXT(reduce_cu) = {
#embed "Kernels/reduce.cu"
    , 0};
TEXT(reduce_h) = {
#embed "Kernels/reduce.h"
    , 0};
TEXT(scan_cu) = {
#embed "Kernels/scan.cu"
    , 0};
TEXT(scan_h) = {
#embed "Kernels/scan.h"
    , 0};
TEXT(softmax_cu) = {
#embed "Kernels/softmax.cu"
    , 0};
TEXT(softmax_h) = {
#embed "Kernels/softmax.h"
    , 0};
TEXT(sort_cu) = {
#embed "Kernels/sort.cu"
    , 0};
TEXT(sort_h) = {
#embed "Kernels/sort.h"
    , 0};
TEXT(indexing_cu) = {
#embed "Kernels/indexing.cu"
    , 0};
TEXT(indexing_h) = {
#embed "Kernels/indexing.h"
    , 0};
TEXT(embedding_cu) = {
#embed "Kernels/embedding.cu"
    , 0};
TEXT(embedding_h) = {
#embed "Kernels/embedding.h"
    , 0};
TEXT(matmul_cu) = {
#embed "Kernels/matmul.cu"
    , 0};
TEXT(matmul_h) = {
#embed "Kernels/matmul.h"
    , 0};
TEXT(convolution_cu) = {
#embed "Kernels/convolution.cu"
    , 0};
TEXT(convolution_h) = {
#embed "Kernels/convolution.h"
    , 0};
TEXT(pool_cu) = {
#embed "Kernels/pool.cu"
    , 0};
TEXT(pool_h) = {
#embed "Kernels/pool.h"
    , 0};
TEXT(batchnorm_cu) = {
#embed "Kernels/batchnorm.cu"
    , 0};
TEXT(batchnorm_h) = {
#embed "Kernels/batchnorm.h"
    , 0};
TEXT(normalization_cu) = {
#embed "Kernels/normalization.cu"
    , 0};
TEXT(normalization_h) = {
#embed "Kernels/normalization.h"
    , 0};
TEXT(groupnorm_cu) = {
#embed "Kernels/groupnorm.cu"
    , 0};
TEXT(groupnorm_h) = {
#embed "Kernels/groupnorm.h"
    , 0};
TEXT(recurrent_cu) = {
#embed "Kernels/recurrent.cu"
    , 0};
TEXT(recurrent_h) = {
#embed "Kernels/recurrent.h"
    , 0};
TEXT(optimizer_cu) = {
#embed "Kernels/optimizer.cu"
    , 0};
TEXT(optimizer_h) = {
#embed "Kernels/optimizer.h"
    , 0};
TEXT(running_cu) = {
#embed "Kernels/running.cu"
    , 0};
TEXT(running_h) = {
#embed "Kernels/running.h"
    , 0};
TEXT(scaler_cu) = {
#embed "Kernels/scaler.cu"
    , 0};
TEXT(scaler_h) = {
#embed "Kernels/scaler.h"
    , 0};
TEXT(tensors_h) = {
#embed "Kernels/tensors.h"
    , 0};
TEXT(check_cu) = {
#embed "Kernels/check.cu"
    , 0};
TEXT(check_h) = {
#embed "Kernels/check.h"
    , 0};
TEXT(random_cu) = {
#embed "Kernels/random.cu"
    , 0};
TEXT(random_h) = {
#embed "Kernels/random.h"
    , 0};

#define FAMILY(NAME) {#NAME ".cu", NAME##_cu}, {#NAME ".h", NAME##_h}

static const cresset_kernel_source cresset_kernel_sources[] = {
    {"device.h", device_h}, {"parameters.h", parameters_h}, {"lines.h", lines_h}, {"rows.h", rows_h},
    {"fault.h", fault_h}, {"walk.h", walk_h}, {"elementwise.h", elementwise_h}, {"operators.h", operators_h},
    {"conversions.h", conversions_h}, {"tensors.h", tensors_h}, {"formulas.h", formulas_h},
    {"formula_functions.h", formula_functions_h}, {"unary_formulas.h", unary_formulas_h},
    {"binary_formulas.h", binary_formulas_h},
    FAMILY(copy), FAMILY(pointwise), FAMILY(chain), FAMILY(reduce), FAMILY(scan), FAMILY(softmax), FAMILY(sort),
    FAMILY(indexing), FAMILY(embedding), FAMILY(matmul), FAMILY(convolution), FAMILY(pool), FAMILY(batchnorm),
    FAMILY(normalization), FAMILY(groupnorm), FAMILY(recurrent), FAMILY(optimizer), FAMILY(scaler), FAMILY(random),
    FAMILY(running), FAMILY(check),
};
const size_t cresset_kernel_source_count = sizeof cresset_kernel_sources / sizeof *cresset_kernel_sources;

const cresset_kernel_source *cresset_all_kernel_sources(void) { return cresset_kernel_sources; }

const char *cresset_kernel_source_named(const char *name) {
    for (size_t i = 0; i < cresset_kernel_source_count; i++)
        if (strcmp(cresset_kernel_sources[i].name, name) == 0) return cresset_kernel_sources[i].text;
    return NULL;
}
