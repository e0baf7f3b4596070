// Optimizer steps in one pass over memory, for many tensors in one launch: ELEMENT is the parameter's type, RULE one of
// the rules below, which match those of CKernels/Templates/optimizer_rules.h operation by operation. PyTorch rounds
// after each one and fuses only `add(x, alpha: a)` and `lerp`: `times` and `plus` are never fused, `fused` always is.
#include "device.h"
#include "optimizer.h"
#include "tensors.h"

typedef compute<ELEMENT> Real;

DEVICE float times(float x, float y) { return rounded_product(x, y); }
DEVICE double times(double x, double y) { return rounded_product(x, y); }
DEVICE float plus(float x, float y) { return rounded_sum(x, y); }
DEVICE double plus(double x, double y) { return rounded_sum(x, y); }
DEVICE float fused(float x, float y, float z) { return fmaf(x, y, z); }
DEVICE double fused(double x, double y, double z) { return fma(x, y, z); }
DEVICE float root(float x) { return sqrtf(x); }
DEVICE double root(double x) { return sqrt(x); }
/// As on the CPU, NaN wins.
DEVICE Real most(Real x, Real y) { return x > y || x != x ? x : y; }
DEVICE float least(float x, float y) { return fminf(x, y); }
DEVICE double least(double x, double y) { return fmin(x, y); }
DEVICE float magnitude(float x) { return fabsf(x); }
DEVICE double magnitude(double x) { return fabs(x); }
/// torch's lerp: the way from x to y by `share`, counted from the nearer end.
DEVICE Real move(Real x, Real y, Real share) {
    const bool is_small = share < (Real)0.5 && share > (Real)-0.5;
    return fused(plus(y, -x), is_small ? share : share - 1, is_small ? x : y);
}
/// torch's mul_(decay).addcmul_(x, x, share).
DEVICE Real move_square(Real v, Real x, Real decay, Real share) {
    return plus(times(v, decay), times(times(share, x), x));
}

/// The numbers of a step, as the kernel computes with them.
struct Numbers {
    Real values[8];
    bool flags[3];
};

// MARK: Rules; each declares its number of states, and updates one element's parameter and states

/// -lr, momentum, 1 - dampening; has momentum, is Nesterov, is first step.
struct sgd {
    static constexpr int states = 1;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        if (n.flags[0]) {
            Real m = n.flags[2] ? g : fused(g, n.values[2], times(s[0], n.values[1]));
            s[0] = m;
            g = n.flags[1] ? fused(m, n.values[1], g) : m;
        }
        p = fused(g, n.values[0], p);
    }
};

/// -lr, rho, 1 - rho, epsilon.
struct adadelta {
    static constexpr int states = 2;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        Real epsilon = n.values[3];
        s[0] = move_square(s[0], g, n.values[1], n.values[2]);
        Real delta = times(root(plus(s[1], epsilon)) / root(plus(s[0], epsilon)), g);
        s[1] = move_square(s[1], delta, n.values[1], n.values[2]);
        p = fused(delta, n.values[0], p);
    }
};

/// -lr, epsilon.
struct adagrad {
    static constexpr int states = 1;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        s[0] = plus(s[0], times(g, g));
        p = plus(p, times(n.values[0], g) / plus(root(s[0]), n.values[1]));
    }
};

/// -lr, 1 - beta1, beta2, 1 - beta2, epsilon, correction; amsgrad.
struct adam {
    static constexpr int states = 3;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        s[0] = move(s[0], g, n.values[1]);
        Real v = s[1] = move_square(s[1], g, n.values[2], n.values[3]);
        if (n.flags[0]) v = s[2] = most(s[2], v);
        p = plus(p, times(n.values[0], s[0]) / plus(root(v) / n.values[5], n.values[4]));
    }
};

/// -lr, 1 - beta1, beta2, epsilon.
struct adamax {
    static constexpr int states = 2;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        s[0] = move(s[0], g, n.values[1]);
        s[1] = most(times(s[1], n.values[2]), plus(magnitude(g), n.values[3]));
        p = plus(p, times(n.values[0], s[0]) / s[1]);
    }
};

/// -gradient's lr, -moment's lr, 1 - beta1, beta2, 1 - beta2, epsilon, correction.
struct nadam {
    static constexpr int states = 2;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        s[0] = move(s[0], g, n.values[2]);
        s[1] = move_square(s[1], g, n.values[3], n.values[4]);
        Real scale = plus(root(s[1] / n.values[6]), n.values[5]);
        p = plus(p, times(n.values[0], g) / scale);
        p = plus(p, times(n.values[1], s[0]) / scale);
    }
};

/// lr, 1 - beta1, beta2, 1 - beta2, epsilon, correction, root, rectification; is rectified.
struct radam {
    static constexpr int states = 2;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        s[0] = move(s[0], g, n.values[1]);
        s[1] = move_square(s[1], g, n.values[2], n.values[3]);
        Real change = times(s[0] / n.values[5], n.values[0]);
        if (n.flags[0]) change = times(times(change, n.values[6] / plus(root(s[1]), n.values[4])), n.values[7]);
        p = plus(p, -change);
    }
};

/// -lr, alpha, 1 - alpha, epsilon, momentum; has momentum, centred. States: mean of squares; then momentum and mean of
/// gradients, if used.
struct rmsprop {
    static constexpr int states = 3;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        Real v = s[0] = move_square(s[0], g, n.values[1], n.values[2]);
        if (n.flags[1]) {
            Real a = move(n.flags[0] ? s[2] : s[1], g, n.values[2]);
            if (n.flags[0])
                s[2] = a;
            else
                s[1] = a;
            v = plus(v, -times(a, a));
        }
        Real scale = plus(root(v), n.values[3]);
        if (n.flags[0]) {
            s[1] = plus(times(s[1], n.values[4]), g / scale);
            p = fused(s[1], n.values[0], p);
        } else {
            p = plus(p, times(n.values[0], g) / scale);
        }
    }
};

/// eta minus, eta plus, least and largest step. States: the previous gradient, each element's step.
struct rprop {
    static constexpr int states = 2;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        Real agreement = times(g, s[0]);
        Real change = agreement > 0 ? n.values[1] : agreement < 0 ? n.values[0] : (Real)1;
        Real length = least(most(times(s[1], change), n.values[2]), n.values[3]);
        // Where the gradient has changed sign, this step is skipped and the next one counts as a first step.
        if (agreement < 0) g = 0;
        s[0] = g;
        s[1] = length;
        Real sign = (Real)((g > 0) - (g < 0));
        p = plus(p, -times(sign, length));
    }
};

/// -eta, mu; mu is 1.
struct asgd {
    static constexpr int states = 1;
    static DEVICE void step(Real &p, Real g, Real (&s)[3], const Numbers &n) {
        p = fused(g, n.values[0], p);
        s[0] = n.flags[0] ? p : plus(s[0], times(plus(p, -s[0]), n.values[1]));
    }
};

/// weight. The gradient is the value that the average moves to.
struct average {
    static constexpr int states = 0;
    static DEVICE void step(Real &p, Real g, Real (&)[3], const Numbers &n) { p = move(p, g, n.values[0]); }
};

// MARK: The pass

struct Step {
    Numbers numbers;
    Real weight_decay, shrinkage;
    bool maximizes, decays, shrinks;

    DEVICE void element(ELEMENT &parameter, ELEMENT gradient, Real (&state)[3]) const {
        Real p = load(parameter), g = load(gradient);
        if (maximizes) g = -g;
        if (decays) g = fused(p, weight_decay, g);
        if (shrinks) p = times(p, shrinkage);
        RULE::step(p, g, state, numbers);
        parameter = store<ELEMENT>(p);
    }
};

DEVICE Step prepared(const cresset_optimizer_numbers &n) {
    Step step;
    UNROLL for (int i = 0; i < 8; i++) step.numbers.values[i] = (Real)n.values[i];
    UNROLL for (int i = 0; i < 3; i++) step.numbers.flags[i] = n.flags[i] != 0;
    step.weight_decay = (Real)n.weight_decay;
    step.shrinkage = (Real)n.shrinkage;
    step.maximizes = n.maximizes != 0;
    step.decays = n.weight_decay != 0;
    step.shrinks = n.shrinkage != 1;
    return step;
}

/// N elements, starting at number `i`.
template <int N> DEVICE void update(const cresset_optimizer_tensor &t, i64 i, const Step &step) {
    auto &parameter = *(Vec<ELEMENT, N> *)((ELEMENT *)t.parameter + i);
    auto p = parameter;
    auto g = *(const Vec<ELEMENT, N> *)((const ELEMENT *)t.gradient + i);
    Vec<Real, N> states[3];
    UNROLL for (int k = 0; k < RULE::states; k++)
        if (t.state[k]) states[k] = *(const Vec<Real, N> *)((const Real *)t.state[k] + i);
    UNROLL for (int j = 0; j < N; j++) {
        Real s[3];
        UNROLL for (int k = 0; k < RULE::states; k++) s[k] = t.state[k] ? states[k].v[j] : (Real)0;
        step.element(p.v[j], g.v[j], s);
        UNROLL for (int k = 0; k < RULE::states; k++) states[k].v[j] = s[k];
    }
    parameter = p;
    UNROLL for (int k = 0; k < RULE::states; k++)
        if (t.state[k]) *(Vec<Real, N> *)((Real *)t.state[k] + i) = states[k];
}

KERNEL(optimizer_step, 256)(cresset_optimizer p) {
    // The device itself decides whether this step is made, and which one it is by then.
    if (p.flag && *p.flag != 0) return;
    const cresset_optimizer_choices *slot = (const cresset_optimizer_choices *)p.slot;
    const i64 choice = slot && p.skips ? (i64)*p.skips - slot->base : 0;
    const int tensor = tensor_at(p.first, p.count, (int)blockIdx.x);
    const cresset_optimizer_tensor t = p.tensors[tensor];
    const Step step = prepared(slot ? slot->numbers[choice] : p.numbers);
    i64 begin = (i64)((int)blockIdx.x - p.first[tensor]) * CRESSET_OPTIMIZER_CHUNK;
    int count = (int)smaller(t.count - begin, (i64)CRESSET_OPTIMIZER_CHUNK);
    // Sixteen bytes of the state, or of the parameter if that is as large.
    constexpr int N = 16 / sizeof(Real);
    u64 addresses = (u64)(t.parameter | t.gradient) * (sizeof(Real) / sizeof(ELEMENT)) |
                    (u64)(t.state[0] | t.state[1] | t.state[2]);
    int vectors = addresses % 16 == 0 ? count / N : 0;
    for (int i = (int)threadIdx.x; i < vectors; i += 256) update<N>(t, begin + (i64)i * N, step);
    for (int i = vectors * N + (int)threadIdx.x; i < count; i += 256) update<1>(t, begin + i, step);
}
EXPORT(optimizer_step)
