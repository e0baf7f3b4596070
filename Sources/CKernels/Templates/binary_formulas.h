// The formulas of the pointwise operators of two arguments, x and y; a and b are the operator's parameters. Used like
// unary_formulas.h; the includer defines CR_BOTH, CR_EVERY and CR_INT, and
//   CR_COMPARE(NAME, E)   for all dtypes; the result is a bool
// or CR_OPERATOR.
#ifdef CR_BOTH

CR_EVERY(add, x + y)
CR_EVERY(subtract, x - y)
CR_EVERY(multiply, x * y)
CR_BOTH(divide, x / y, x / y)
CR_BOTH(floor_divide, cr_floor_dividef(x, y), cr_floor_divide(x, y))
CR_INT(floor_divide, cr_int_floor_quotient(x, y))
CR_BOTH(truncate_divide, truncf(x / y), trunc(x / y))
CR_INT(truncate_divide, cr_int_quotient(x, y))
CR_BOTH(remainder, cr_remainderf(x, y), cr_remainder(x, y))
CR_INT(remainder, cr_int_remainder(x, y))
CR_BOTH(fmod, fmodf(x, y), fmod(x, y))
CR_INT(fmod, cr_int_fmod(x, y))
CR_BOTH(power, powf(x, y), pow(x, y))
CR_INT(power, cr_int_power(x, y))
// NaN wins in maximum and minimum, and loses in fmax and fmin.
CR_BOTH(maximum, x != x ? x : y != y ? y : x > y ? x : y, x != x ? x : y != y ? y : x > y ? x : y)
CR_INT(maximum, x > y ? x : y)
CR_BOTH(minimum, x != x ? x : y != y ? y : x < y ? x : y, x != x ? x : y != y ? y : x < y ? x : y)
CR_INT(minimum, x < y ? x : y)
CR_BOTH(fmax, x != x ? y : y != y ? x : x > y ? x : y, x != x ? y : y != y ? x : x > y ? x : y)
CR_BOTH(fmin, x != x ? y : y != y ? x : x < y ? x : y, x != x ? y : y != y ? x : x < y ? x : y)
CR_BOTH(atan2, atan2f(x, y), atan2(x, y))
CR_BOTH(hypot, hypotf(x, y), hypot(x, y))
CR_BOTH(copysign, copysignf(x, y), copysign(x, y))
CR_BOTH(xlogy, y != y ? y : x == 0 ? 0 : x * logf(y), y != y ? y : x == 0 ? 0 : x * log(y))

CR_COMPARE(equal, x == y)
CR_COMPARE(not_equal, x != y)
CR_COMPARE(less, x < y)
CR_COMPARE(less_or_equal, x <= y)
CR_COMPARE(greater, x > y)
CR_COMPARE(greater_or_equal, x >= y)
CR_COMPARE(logical_and, (x != 0) & (y != 0))
CR_COMPARE(logical_or, (x != 0) | (y != 0))
CR_COMPARE(logical_xor, (x != 0) ^ (y != 0))

// Derivatives: x is the incoming gradient; y is the result of the forward operator for relu, sigmoid and tanh, and its
// argument for the others.
CR_BOTH(relu_gradient, y <= 0 ? 0 : x, y <= 0 ? 0 : x)
CR_BOTH(leaky_relu_gradient, y > 0 ? x : x * a, y > 0 ? x : x * a)
CR_BOTH(sigmoid_gradient, x *y *(1 - y), x *y *(1 - y))
CR_BOTH(tanh_gradient, x *(1 - y * y), x *(1 - y * y))
#define CR_ROOT_HALF 0.70710678118654752440
#define CR_INVERSE_ROOT_2PI 0.39894228040143267794
CR_BOTH(gelu_gradient,
        x *(0.5f * (1 + erff(y * (float)CR_ROOT_HALF)) + y * (float)CR_INVERSE_ROOT_2PI * cr_expf(-0.5f * y * y)),
        x *(0.5 * (1 + erf(y * CR_ROOT_HALF)) + y * CR_INVERSE_ROOT_2PI * exp(-0.5 * y * y)))
CR_BOTH(gelu_tanh_gradient, x *cr_gelu_tanh_slopef(y), x *cr_gelu_tanh_slope(y))
CR_BOTH(silu_gradient, x *cr_sigmoidf(y) * (1 + y * (1 - cr_sigmoidf(y))),
        x *cr_sigmoid(y) * (1 + y * (1 - cr_sigmoid(y))))
CR_BOTH(elu_gradient, y <= 0 ? x * a * expf(y) : x, y <= 0 ? x * a * exp(y) : x)
CR_BOTH(softplus_gradient, y *a > b ? x : x * cr_sigmoidf(y * a), y *a > b ? x : x * cr_sigmoid(y * a))
CR_BOTH(hardswish_gradient, y <= -3 ? 0 : y < 3 ? x * (y / 3 + 0.5f) : x, y <= -3 ? 0 : y < 3 ? x * (y / 3 + 0.5) : x)
CR_BOTH(hardsigmoid_gradient, (y > -3 && y < 3 ? x : 0) / 6, (y > -3 && y < 3 ? x : 0) / 6)
CR_BOTH(mish_gradient, x *cr_mish_slopef(y), x *cr_mish_slope(y))
// The derivative is zero at the bounds; an infinite bound does not count.
#define CR_IS_FREE ((y > a || a == -CR_INFINITY) && (y < b || b == CR_INFINITY))
CR_BOTH(clamp_gradient, CR_IS_FREE ? x : 0, CR_IS_FREE ? x : 0)
CR_BOTH(log_add_exp, (float)cr_log_add_exp(x, y), cr_log_add_exp(x, y))
#define CR_LN2 0.69314718055994530942
CR_BOTH(log_add_exp2, (float)(cr_log_add_exp(x * CR_LN2, y * CR_LN2) / CR_LN2),
        cr_log_add_exp(x *CR_LN2, y *CR_LN2) / CR_LN2)

#endif
#ifdef CR_OPERATOR

// One row per case of BinaryOp. bool: addition is "or", multiplication "and", as in PyTorch.
CR_OPERATOR(add, add, add, logical_or)
CR_OPERATOR(subtract, subtract, subtract, none)
CR_OPERATOR(multiply, multiply, multiply, logical_and)
CR_OPERATOR(divide, divide, none, none)
CR_OPERATOR(floorDivide, floor_divide, floor_divide, none)
CR_OPERATOR(truncateDivide, truncate_divide, truncate_divide, none)
CR_OPERATOR(remainder, remainder, remainder, none)
CR_OPERATOR(fmod, fmod, fmod, none)
CR_OPERATOR(power, power, power, none)
CR_OPERATOR(maximum, maximum, maximum, logical_or)
CR_OPERATOR(minimum, minimum, minimum, logical_and)
CR_OPERATOR(fmax, fmax, none, none)
CR_OPERATOR(fmin, fmin, none, none)
CR_OPERATOR(atan2, atan2, none, none)
CR_OPERATOR(hypot, hypot, none, none)
CR_OPERATOR(copysign, copysign, none, none)
CR_OPERATOR(xlogy, xlogy, none, none)
CR_OPERATOR(equal, equal, equal, equal)
CR_OPERATOR(notEqual, not_equal, not_equal, not_equal)
CR_OPERATOR(less, less, less, less)
CR_OPERATOR(lessOrEqual, less_or_equal, less_or_equal, less_or_equal)
CR_OPERATOR(greater, greater, greater, greater)
CR_OPERATOR(greaterOrEqual, greater_or_equal, greater_or_equal, greater_or_equal)
CR_OPERATOR(logicalAnd, logical_and, logical_and, logical_and)
CR_OPERATOR(logicalOr, logical_or, logical_or, logical_or)
CR_OPERATOR(logicalXor, logical_xor, logical_xor, logical_xor)
CR_OPERATOR(reluGradient, relu_gradient, none, none)
CR_OPERATOR(leakyReLUGradient, leaky_relu_gradient, none, none)
CR_OPERATOR(sigmoidGradient, sigmoid_gradient, none, none)
CR_OPERATOR(tanhGradient, tanh_gradient, none, none)
CR_OPERATOR(geluGradient, gelu_gradient, none, none)
CR_OPERATOR(geluTanhGradient, gelu_tanh_gradient, none, none)
CR_OPERATOR(siluGradient, silu_gradient, none, none)
CR_OPERATOR(eluGradient, elu_gradient, none, none)
CR_OPERATOR(softplusGradient, softplus_gradient, none, none)
CR_OPERATOR(hardswishGradient, hardswish_gradient, none, none)
CR_OPERATOR(hardsigmoidGradient, hardsigmoid_gradient, none, none)
CR_OPERATOR(mishGradient, mish_gradient, none, none)
CR_OPERATOR(clampGradient, clamp_gradient, none, none)
CR_OPERATOR(logAddExp, log_add_exp, none, none)
CR_OPERATOR(logAddExp2, log_add_exp2, none, none)

#endif
#undef CR_BOTH
#undef CR_EVERY
#undef CR_INT
#undef CR_COMPARE
#undef CR_OPERATOR
