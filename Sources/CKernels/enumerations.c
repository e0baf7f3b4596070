#include "include/cresset_enumerations.h"

#define NAME(CASE) #CASE,
static const char *const unary[] = {CR_UNARY_OPS(NAME)};
static const char *const binary[] = {CR_BINARY_OPS(NAME)};
static const char *const reduce[] = {CR_REDUCE_OPS(NAME)};
static const char *const scatter[] = {CR_SCATTER_OPS(NAME)};
static const char *const dtypes[] = {
    [CR_F32] = "float32", [CR_F64] = "float64", [CR_BF16] = "bfloat16", [CR_F16] = "float16", [CR_I64] = "int64",
    [CR_I32] = "int32",   [CR_I16] = "int16",   [CR_I8] = "int8",       [CR_U8] = "uint8",    [CR_BOOL] = "bool"};

const char *cresset_case_name(int32_t enumeration, int32_t value) {
#define LIST(NAMES) {NAMES, sizeof NAMES / sizeof *NAMES}
    static const struct {
        const char *const *names;
        int32_t count;
    } lists[] = {
        [CR_DTYPES] = LIST(dtypes), [CR_UNARY] = LIST(unary),     [CR_BINARY] = LIST(binary),
        [CR_REDUCE] = LIST(reduce), [CR_SCATTER] = LIST(scatter),
    };
    return value < lists[enumeration].count ? lists[enumeration].names[value] : 0;
}
