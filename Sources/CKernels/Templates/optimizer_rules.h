// The rules of the optimizers for one type of element; optimizer.c includes this once for each.
//
// ELEMENT is the parameter's type in memory, REAL the computation type, which is also the state's; VECTOR and INTEGERS
// are sixteen of each, TYPE and STATE_TYPE the names used for loading and storing them.
#define NAME(name) CRESSET_JOIN(name##_, TYPE)
#define LOAD CRESSET_JOIN(CRESSET_LOAD_, TYPE)
#define STORE CRESSET_JOIN(CRESSET_STORE_, TYPE)
#define LOAD_STATE CRESSET_JOIN(CRESSET_LOAD_, STATE_TYPE)
#define STORE_STATE CRESSET_JOIN(CRESSET_STORE_, STATE_TYPE)

#define ALL(number) ((VECTOR){0} + (REAL)(number))
#define FMA(x, y, z) __builtin_elementwise_fma(x, y, z)
#define ROOT(x) __builtin_elementwise_sqrt(x)
#define SELECT(mask, x, y) ((VECTOR)(((INTEGERS)(mask) & (INTEGERS)(x)) | (~(INTEGERS)(mask) & (INTEGERS)(y))))
/// 1, 0 or -1.
#define SIGN(x) __builtin_convertvector((INTEGERS)((x) < 0) - (INTEGERS)((x) > 0), VECTOR)
#define IS_NAN(x) ((x) != (x))
/// The larger one; NaN wins.
#define MOST(x, y) SELECT(((x) > (y)) | IS_NAN(x), x, y)
/// torch's lerp: from x towards y by `share`, computed from the nearer end.
#define MOVE(x, y, share)                                                                                             \
    FMA((y) - (x), SELECT(IS_SMALL(share), share, (share) - 1), SELECT(IS_SMALL(share), x, y))
#define IS_SMALL(share) (((share) < (REAL)0.5) & ((share) > (REAL)-0.5))
/// torch's mul_(decay).addcmul_(x, x, share).
#define MOVE_SQUARE(v, x, decay, share) ((v) * (decay) + (share) * (x) * (x))

/// Where sixteen elements of everything are.
struct NAME(block) {
    ELEMENT *parameter;
    const ELEMENT *gradient;
    REAL *state[3];
};

/// Room for the last few elements of a tensor, which are copied into whole vectors.
struct NAME(tail) {
    ELEMENT parameter[16], gradient[16];
    REAL state[3][16];
};

__attribute__((always_inline)) static inline bool NAME(open)(
    struct NAME(block) *b, struct NAME(tail) *tail, const cresset_step_tensor *t, int64_t i, int64_t end) {
    b->parameter = (ELEMENT *)t->parameter + i;
    b->gradient = (const ELEMENT *)t->gradient + i;
    for (int k = 0; k < 3; k++) b->state[k] = (REAL *)t->state[k] + (t->state[k] ? i : 0);
    if (end - i >= 16) return true;
    memset(tail, 0, sizeof *tail);
    size_t rest = (size_t)(end - i);
    memcpy(tail->parameter, b->parameter, rest * sizeof(ELEMENT));
    memcpy(tail->gradient, b->gradient, rest * sizeof(ELEMENT));
    b->parameter = tail->parameter;
    b->gradient = tail->gradient;
    for (int k = 0; k < 3; k++) {
        if (b->state[k]) memcpy(tail->state[k], b->state[k], rest * sizeof(REAL));
        b->state[k] = tail->state[k];
    }
    return true;
}

__attribute__((always_inline)) static inline void NAME(close)(
    const struct NAME(tail) *tail, const cresset_step_tensor *t, int64_t i, int64_t end) {
    if (end - i >= 16) return;
    size_t rest = (size_t)(end - i);
    memcpy((ELEMENT *)t->parameter + i, tail->parameter, rest * sizeof(ELEMENT));
    for (int k = 0; k < 3; k++)
        if (t->state[k]) memcpy((REAL *)t->state[k] + i, tail->state[k], rest * sizeof(REAL));
}

/// A function that applies one rule to elements `begin` up to, but not including, `end` of a tensor.
#define RULE(rule)                                                                                                    \
    CRESSET_VECTOR static void NAME(rule)(                                                                            \
        const cresset_step_tensor *t, const cresset_step *step, int64_t begin, int64_t end)
/// Runs the following body for every sixteen elements, with `p` and `g` as the parameter and the gradient of the rule.
#define FOR_EACH_BLOCK                                                                                                \
    const VECTOR decay = ALL(step->weight_decay), shrinkage = ALL(step->shrinkage);                                   \
    const bool shrinks = step->shrinkage != 1, decays = step->weight_decay != 0, maximizes = step->maximize;          \
    struct NAME(tail) tail;                                                                                           \
    struct NAME(block) b;                                                                                             \
    for (int64_t i = begin; i < end && NAME(open)(&b, &tail, t, i, end); NAME(close)(&tail, t, i, end), i += 16)
#define LOAD_BLOCK                                                                                                    \
    VECTOR p = LOAD(b.parameter), g = LOAD(b.gradient);                                                               \
    if (maximizes) g = -g;                                                                                            \
    if (decays) g = FMA(p, decay, g);                                                                                 \
    if (shrinks) p = p * shrinkage

RULE(sgd) {
    const cresset_sgd *o = &step->numbers.sgd;
    const VECTOR lr = ALL(-o->lr), factor = ALL(o->momentum), share = ALL(1 - o->dampening);
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        if (o->has_momentum) {
            VECTOR m = g;
            if (!o->is_first) m = FMA(g, share, LOAD_STATE(b.state[0]) * factor);
            STORE_STATE(b.state[0], m);
            g = o->nesterov ? FMA(m, factor, g) : m;
        }
        STORE(b.parameter, FMA(g, lr, p));
    }
}

RULE(adadelta) {
    const cresset_adadelta *o = &step->numbers.adadelta;
    const VECTOR lr = ALL(-o->lr), rho = ALL(o->rho), share = ALL(1 - o->rho), epsilon = ALL(o->epsilon);
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        VECTOR v = LOAD_STATE(b.state[0]), u = LOAD_STATE(b.state[1]);
        v = MOVE_SQUARE(v, g, rho, share);
        VECTOR delta = ROOT(u + epsilon) / ROOT(v + epsilon) * g;
        u = MOVE_SQUARE(u, delta, rho, share);
        STORE_STATE(b.state[0], v);
        STORE_STATE(b.state[1], u);
        STORE(b.parameter, FMA(delta, lr, p));
    }
}

RULE(adagrad) {
    const cresset_adagrad *o = &step->numbers.adagrad;
    const VECTOR lr = ALL(-o->lr), epsilon = ALL(o->epsilon);
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        VECTOR sum = LOAD_STATE(b.state[0]) + g * g;
        STORE_STATE(b.state[0], sum);
        STORE(b.parameter, p + lr * g / (ROOT(sum) + epsilon));
    }
}

RULE(adam) {
    const cresset_adam *o = &step->numbers.adam;
    const VECTOR lr = ALL(-o->lr), epsilon = ALL(o->epsilon), correction = ALL(o->correction);
    const VECTOR share1 = ALL(1 - o->beta1), beta2 = ALL(o->beta2), share2 = ALL(1 - o->beta2);
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        VECTOR m = LOAD_STATE(b.state[0]), v = LOAD_STATE(b.state[1]);
        m = MOVE(m, g, share1);
        v = MOVE_SQUARE(v, g, beta2, share2);
        STORE_STATE(b.state[0], m);
        STORE_STATE(b.state[1], v);
        if (o->amsgrad) {
            VECTOR most = LOAD_STATE(b.state[2]);
            v = MOST(most, v);
            STORE_STATE(b.state[2], v);
        }
        STORE(b.parameter, p + lr * m / (ROOT(v) / correction + epsilon));
    }
}

RULE(adamax) {
    const cresset_adamax *o = &step->numbers.adamax;
    const VECTOR lr = ALL(-o->lr), epsilon = ALL(o->epsilon), share = ALL(1 - o->beta1), beta2 = ALL(o->beta2);
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        VECTOR m = LOAD_STATE(b.state[0]), u = LOAD_STATE(b.state[1]);
        m = MOVE(m, g, share);
        VECTOR before = u * beta2, now = __builtin_elementwise_abs(g) + epsilon;
        u = MOST(before, now);
        STORE_STATE(b.state[0], m);
        STORE_STATE(b.state[1], u);
        STORE(b.parameter, p + lr * m / u);
    }
}

RULE(nadam) {
    const cresset_nadam *o = &step->numbers.nadam;
    const VECTOR gradient_lr = ALL(-o->gradient_lr), moment_lr = ALL(-o->moment_lr);
    const VECTOR share1 = ALL(1 - o->beta1), beta2 = ALL(o->beta2), share2 = ALL(1 - o->beta2);
    const VECTOR epsilon = ALL(o->epsilon), correction = ALL(o->correction);
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        VECTOR m = LOAD_STATE(b.state[0]), v = LOAD_STATE(b.state[1]);
        m = MOVE(m, g, share1);
        v = MOVE_SQUARE(v, g, beta2, share2);
        STORE_STATE(b.state[0], m);
        STORE_STATE(b.state[1], v);
        VECTOR scale = ROOT(v / correction) + epsilon;
        p = p + gradient_lr * g / scale;
        STORE(b.parameter, p + moment_lr * m / scale);
    }
}

RULE(radam) {
    const cresset_radam *o = &step->numbers.radam;
    const VECTOR lr = ALL(o->lr), epsilon = ALL(o->epsilon), correction = ALL(o->correction);
    const VECTOR share1 = ALL(1 - o->beta1), beta2 = ALL(o->beta2), share2 = ALL(1 - o->beta2);
    const VECTOR root = ALL(o->root), rectification = ALL(o->rectification);
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        VECTOR m = LOAD_STATE(b.state[0]), v = LOAD_STATE(b.state[1]);
        m = MOVE(m, g, share1);
        v = MOVE_SQUARE(v, g, beta2, share2);
        STORE_STATE(b.state[0], m);
        STORE_STATE(b.state[1], v);
        VECTOR change = m / correction * lr;
        if (o->is_rectified) change = change * (root / (ROOT(v) + epsilon)) * rectification;
        STORE(b.parameter, p - change);
    }
}

/// state: mean of squares; then momentum and mean of gradients, if used.
RULE(rmsprop) {
    const cresset_rmsprop *o = &step->numbers.rmsprop;
    const VECTOR lr = ALL(-o->lr), alpha = ALL(o->alpha), share = ALL(1 - o->alpha), epsilon = ALL(o->epsilon);
    const VECTOR momentum = ALL(o->momentum);
    const int mean = o->has_momentum ? 2 : 1;
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        VECTOR v = MOVE_SQUARE(LOAD_STATE(b.state[0]), g, alpha, share);
        STORE_STATE(b.state[0], v);
        if (o->centered) {
            VECTOR a = LOAD_STATE(b.state[mean]);
            a = MOVE(a, g, share);
            STORE_STATE(b.state[mean], a);
            v = v - a * a;
        }
        VECTOR scale = ROOT(v) + epsilon;
        if (o->has_momentum) {
            VECTOR m = LOAD_STATE(b.state[1]) * momentum + g / scale;
            STORE_STATE(b.state[1], m);
            STORE(b.parameter, FMA(m, lr, p));
        } else {
            STORE(b.parameter, p + lr * g / scale);
        }
    }
}

/// state: the previous gradient, each element's step.
RULE(rprop) {
    const cresset_rprop *o = &step->numbers.rprop;
    const VECTOR shrink = ALL(o->eta_minus), grow = ALL(o->eta_plus), same = ALL(1), none = ALL(0);
    const VECTOR minimum = ALL(o->minimum), maximum = ALL(o->maximum);
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        VECTOR agreement = g * LOAD_STATE(b.state[0]), length = LOAD_STATE(b.state[1]);
        VECTOR change = SELECT(agreement > 0, grow, SELECT(agreement < 0, shrink, same));
        length = __builtin_elementwise_min(__builtin_elementwise_max(length * change, minimum), maximum);
        // Where the gradient has changed sign, this step is skipped and the next one counts as a first step.
        g = SELECT(agreement < 0, none, g);
        STORE_STATE(b.state[0], g);
        STORE_STATE(b.state[1], length);
        STORE(b.parameter, p - SIGN(g) * length);
    }
}

RULE(asgd) {
    const cresset_asgd *o = &step->numbers.asgd;
    const VECTOR eta = ALL(-o->eta), mu = ALL(o->mu);
    const bool copies = o->mu == 1;
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        p = FMA(g, eta, p);
        VECTOR mean = LOAD_STATE(b.state[0]);
        mean = copies ? p : mean + (p - mean) * mu;
        STORE_STATE(b.state[0], mean);
        STORE(b.parameter, p);
    }
}

/// The gradient is the value towards which the average in `parameter` moves.
RULE(average) {
    const VECTOR weight = ALL(step->numbers.average.weight);
    FOR_EACH_BLOCK {
        LOAD_BLOCK;
        STORE(b.parameter, MOVE(p, g, weight));
    }
}

static void NAME(step)(const cresset_step_tensor *t, const cresset_step *step, int64_t begin, int64_t end) {
    switch (step->rule) {
        case cresset_rule_sgd: NAME(sgd)(t, step, begin, end); break;
        case cresset_rule_adadelta: NAME(adadelta)(t, step, begin, end); break;
        case cresset_rule_adagrad: NAME(adagrad)(t, step, begin, end); break;
        case cresset_rule_adam: NAME(adam)(t, step, begin, end); break;
        case cresset_rule_adamax: NAME(adamax)(t, step, begin, end); break;
        case cresset_rule_nadam: NAME(nadam)(t, step, begin, end); break;
        case cresset_rule_radam: NAME(radam)(t, step, begin, end); break;
        case cresset_rule_rmsprop: NAME(rmsprop)(t, step, begin, end); break;
        case cresset_rule_rprop: NAME(rprop)(t, step, begin, end); break;
        case cresset_rule_asgd: NAME(asgd)(t, step, begin, end); break;
        case cresset_rule_average: NAME(average)(t, step, begin, end); break;
    }
}

#undef ALL
#undef ELEMENT
#undef FMA
#undef FOR_EACH_BLOCK
#undef INTEGERS
#undef LOAD
#undef LOAD_BLOCK
#undef LOAD_STATE
#undef IS_NAN
#undef MOST
#undef IS_SMALL
#undef MOVE
#undef MOVE_SQUARE
#undef NAME
#undef REAL
#undef ROOT
#undef RULE
#undef SELECT
#undef SIGN
#undef STATE_TYPE
#undef STORE
#undef STORE_STATE
#undef TYPE
#undef VECTOR
