#include "include/cresset_operators.h"

#include <string.h>

// The rows from which the CPU's tables are built.
#define ROW(F, I, B) {#F, #I, #B},
static const char *const unary[][3] = {
#define CR_OPERATOR ROW
#include "../CKernels/Templates/unary_formulas.h"
};
static const char *const binary[][3] = {
#define CR_OPERATOR ROW
#include "../CKernels/Templates/binary_formulas.h"
};

static const char *formula(const char *name) { return strcmp(name, "none") == 0 ? NULL : name; }
static cresset_operator row(const char *const names[3]) {
    return (cresset_operator){formula(names[0]), formula(names[1]), formula(names[2])};
}
cresset_operator cresset_unary_operator(int op) { return row(unary[op]); }
cresset_operator cresset_binary_operator(int op) { return row(binary[op]); }
