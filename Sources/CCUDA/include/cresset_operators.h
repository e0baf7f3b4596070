// The names of formulas, with which a unit of pointwise.cu is requested.
#pragma once

/// The formulas of an operator for floating point, integers and bool; NULL if there is none.
typedef struct {
    const char *_Nullable floating;
    const char *_Nullable integer;
    const char *_Nullable boolean;
} cresset_operator;

/// By the raw values of `UnaryOp` and `BinaryOp`.
cresset_operator cresset_unary_operator(int op);
cresset_operator cresset_binary_operator(int op);
