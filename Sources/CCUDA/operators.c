#include "include/cresset_operators.h"

#include <string.h>

#include "../CKernels/include/cresset_enumerations.h"

// The rows from which the CPU's tables are built.
static const char *const unary[CR_UNARY_COUNT][3] = {
#define CR_OPERATOR(CASE, F, I, B) [CR_UNARY_##CASE] = {#F, #I, #B},
#include "../CKernels/Templates/unary_formulas.h"
};
static const char *const binary[CR_BINARY_COUNT][3] = {
#define CR_OPERATOR(CASE, F, I, B) [CR_BINARY_##CASE] = {#F, #I, #B},
#include "../CKernels/Templates/binary_formulas.h"
};

static const char *formula(const char *name) { return strcmp(name, "none") == 0 ? NULL : name; }
static cresset_operator row(const char *const names[3]) {
    return (cresset_operator){formula(names[0]), formula(names[1]), formula(names[2])};
}
cresset_operator cresset_unary_operator(int op) { return row(unary[op]); }
cresset_operator cresset_binary_operator(int op) { return row(binary[op]); }
