// The formulas of the pointwise operators of one argument, v; a and b are the operator's parameters. The kernels of the
// CPU and those of a GPU expand the same rows, so the includer defines
//   CR_BOTH(NAME, E32, E64)             a formula for float32 (and the types computed in it), and one for float64
//   CR_EVERY(NAME, E)                   one for all dtypes
//   CR_INT(NAME, E)                     one for integers; da and db are the parameters as doubles
//   CR_QUESTION(NAME, FLOAT, INTEGER)   the result is a bool
//   CR_REAL                             double, or float where double is slow: constants in float32 formulas
// and, to list the operators by the names of their formulas for floating point, integers and bool,
//   CR_OPERATOR(CASE, FLOAT, INTEGER, BOOL)
#ifdef CR_BOTH

// Sign and rounding.
CR_EVERY(negate, -v)
CR_BOTH(absolute, fabsf(v), fabs(v))
CR_INT(absolute, v < 0 ? -v : v)
CR_EVERY(sign, (v > 0) - (v < 0))
CR_EVERY(square, v *v)
CR_BOTH(floor, floorf(v), floor(v))
CR_BOTH(ceil, ceilf(v), ceil(v))
CR_BOTH(round, rintf(v), rint(v))
CR_BOTH(trunc, truncf(v), trunc(v))
CR_INT(identity, v)

// Powers, exponentials, logarithms.
CR_BOTH(sqrt, cr_sqrtf(v), cr_sqrt(v))
CR_BOTH(rsqrt, 1 / cr_sqrtf(v), 1 / cr_sqrt(v))
CR_BOTH(reciprocal, 1 / v, 1 / v)
CR_BOTH(exp, cr_expf(v), exp(v))
CR_BOTH(exp2, exp2f(v), exp2(v))
CR_BOTH(expm1, expm1f(v), expm1(v))
CR_BOTH(log, logf(v), log(v))
CR_BOTH(log2, log2f(v), log2(v))
CR_BOTH(log10, log10f(v), log10(v))
CR_BOTH(log1p, log1pf(v), log1p(v))

// Circular and hyperbolic functions.
CR_BOTH(sin, sinf(v), sin(v))
CR_BOTH(cos, cosf(v), cos(v))
CR_BOTH(tan, tanf(v), tan(v))
CR_BOTH(asin, asinf(v), asin(v))
CR_BOTH(acos, acosf(v), acos(v))
CR_BOTH(atan, atanf(v), atan(v))
CR_BOTH(sinh, sinhf(v), sinh(v))
CR_BOTH(cosh, coshf(v), cosh(v))
CR_BOTH(tanh, cr_tanhf(v), tanh(v))
CR_BOTH(asinh, asinhf(v), asinh(v))
CR_BOTH(acosh, acoshf(v), acosh(v))
CR_BOTH(atanh, atanhf(v), atanh(v))

// Special functions.
CR_BOTH(sigmoid, cr_sigmoidf(v), cr_sigmoid(v))
CR_BOTH(erf, erff(v), erf(v))
CR_BOTH(erfc, erfcf(v), erfc(v))
CR_BOTH(erfinv, (float)cr_erfinv(v), cr_erfinv(v))
CR_BOTH(lgamma, (float)lgamma((double)v), lgamma(v))
CR_BOTH(digamma, (float)cr_digamma(v), cr_digamma(v))
CR_BOTH(log_sigmoid, (v < 0 ? v : 0) - log1pf(cr_expf(-fabsf(v))), (v < 0 ? v : 0) - log1p(exp(-fabs(v))))

// Activations. NaN passes through relu and clamp, as in PyTorch.
CR_EVERY(relu, v < 0 ? 0 : v)
CR_BOTH(leaky_relu, v > 0 ? v : v * a, v > 0 ? v : v * a)
CR_BOTH(elu, v > 0 ? v : a * expm1f(v), v > 0 ? v : a * expm1(v))
CR_BOTH(gelu, 0.5f * v * (1 + erff(v * 0.70710678118654752f)), 0.5 * v * (1 + erf(v * 0.70710678118654752440)))
#define CR_GELU_ARGUMENT(REAL, v) ((REAL)0.79788456080286535588 * ((v) + (REAL)0.044715 * (v) * (v) * (v)))
CR_BOTH(gelu_tanh, 0.5f * v * (1 + cr_tanhf((float)CR_GELU_ARGUMENT(CR_REAL, v))),
        0.5 * v * (1 + tanh(CR_GELU_ARGUMENT(double, v))))
CR_BOTH(silu, v *cr_sigmoidf(v), v *cr_sigmoid(v))
CR_BOTH(softplus, v *a > b ? v : log1pf(expf(v * a)) / a, v *a > b ? v : log1p(exp(v * a)) / a)
#define CR_CLAMP(v, low, high) ((v) < (low) ? (low) : (v) > (high) ? (high) : (v))
CR_BOTH(hardswish, v *CR_CLAMP(v + 3, 0.0f, 6.0f) / 6, v *CR_CLAMP(v + 3, 0.0, 6.0) / 6)
CR_BOTH(hardsigmoid, CR_CLAMP(v + 3, 0.0f, 6.0f) / 6, CR_CLAMP(v + 3, 0.0, 6.0) / 6)
CR_BOTH(mish, v *cr_tanhf(v > 20 ? v : log1pf(expf(v))), v *tanh(v > 20 ? v : log1p(exp(v))))
#define CR_SELU_ALPHA 1.6732632423543772848170429916717
#define CR_SELU_SCALE 1.0507009873554804934193349852946
CR_BOTH(selu, v > 0 ? (float)CR_SELU_SCALE * v : (float)(CR_SELU_SCALE * CR_SELU_ALPHA) * expm1f(v),
        v > 0 ? CR_SELU_SCALE * v : CR_SELU_SCALE *CR_SELU_ALPHA *expm1(v))
CR_BOTH(clamp, v != v ? v : (v < a ? a : v) > b ? b : (v < a ? a : v),
        v != v ? v : (v < a ? a : v) > b ? b : (v < a ? a : v))
// A double may equal a nearby 64-bit integer only because of rounding.
CR_INT(clamp, (double)v > db || ((double)v == db && (i64)v > cr_clamp_bound(db)) ? cr_clamp_bound(db)
       : (double)v < da || ((double)v == da && (i64)v < cr_clamp_bound(da)) ? cr_clamp_bound(da < db ? da : db) : (i64)v)

CR_QUESTION(logical_not, v == 0, v == 0)
CR_QUESTION(is_nan, v != v, 0)
CR_QUESTION(is_infinite, v == CR_INFINITY || v == -CR_INFINITY, 0)
CR_QUESTION(is_finite, v == v && v != CR_INFINITY && v != -CR_INFINITY, 1)

#endif
#ifdef CR_OPERATOR

// One row per case of UnaryOp.
CR_OPERATOR(negate, negate, negate, none)
CR_OPERATOR(absolute, absolute, absolute, none)
CR_OPERATOR(sign, sign, sign, sign)
CR_OPERATOR(square, square, square, none)
CR_OPERATOR(floor, floor, identity, none)
CR_OPERATOR(ceil, ceil, identity, none)
CR_OPERATOR(round, round, identity, none)
CR_OPERATOR(trunc, trunc, identity, none)
CR_OPERATOR(squareRoot, sqrt, none, none)
CR_OPERATOR(reciprocalSquareRoot, rsqrt, none, none)
CR_OPERATOR(reciprocal, reciprocal, none, none)
CR_OPERATOR(exp, exp, none, none)
CR_OPERATOR(exp2, exp2, none, none)
CR_OPERATOR(expm1, expm1, none, none)
CR_OPERATOR(log, log, none, none)
CR_OPERATOR(log2, log2, none, none)
CR_OPERATOR(log10, log10, none, none)
CR_OPERATOR(log1p, log1p, none, none)
CR_OPERATOR(sin, sin, none, none)
CR_OPERATOR(cos, cos, none, none)
CR_OPERATOR(tan, tan, none, none)
CR_OPERATOR(asin, asin, none, none)
CR_OPERATOR(acos, acos, none, none)
CR_OPERATOR(atan, atan, none, none)
CR_OPERATOR(sinh, sinh, none, none)
CR_OPERATOR(cosh, cosh, none, none)
CR_OPERATOR(tanh, tanh, none, none)
CR_OPERATOR(asinh, asinh, none, none)
CR_OPERATOR(acosh, acosh, none, none)
CR_OPERATOR(atanh, atanh, none, none)
CR_OPERATOR(sigmoid, sigmoid, none, none)
CR_OPERATOR(erf, erf, none, none)
CR_OPERATOR(erfc, erfc, none, none)
CR_OPERATOR(erfinv, erfinv, none, none)
CR_OPERATOR(lgamma, lgamma, none, none)
CR_OPERATOR(digamma, digamma, none, none)
CR_OPERATOR(logSigmoid, log_sigmoid, none, none)
CR_OPERATOR(relu, relu, relu, none)
CR_OPERATOR(leakyReLU, leaky_relu, none, none)
CR_OPERATOR(elu, elu, none, none)
CR_OPERATOR(gelu, gelu, none, none)
CR_OPERATOR(geluTanh, gelu_tanh, none, none)
CR_OPERATOR(silu, silu, none, none)
CR_OPERATOR(softplus, softplus, none, none)
CR_OPERATOR(hardswish, hardswish, none, none)
CR_OPERATOR(hardsigmoid, hardsigmoid, none, none)
CR_OPERATOR(mish, mish, none, none)
CR_OPERATOR(selu, selu, none, none)
CR_OPERATOR(clamp, clamp, clamp, none)
CR_OPERATOR(logicalNot, logical_not, logical_not, logical_not)
CR_OPERATOR(isNaN, is_nan, is_nan, is_nan)
CR_OPERATOR(isInfinite, is_infinite, is_infinite, is_infinite)
CR_OPERATOR(isFinite, is_finite, is_finite, is_finite)

#endif
#undef CR_BOTH
#undef CR_EVERY
#undef CR_INT
#undef CR_QUESTION
#undef CR_OPERATOR
