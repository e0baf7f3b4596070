// The arithmetic of one step of a recurrent network apart from its matrix product, one thread per element of the state.
// KIND is 0 to 3: RNN with tanh, RNN with relu, GRU, LSTM.
#include "device.h"
#include "recurrent.h"

DEVICE float sigmoid(float x) { return 1 / (1 + expf(-x)); }

/// Where an element is in arrays with several numbers per unit.
struct Place {
    i64 state, row;
    int column, length;
    /// In an array of `vectors` lengths per row, the first of them.
    DEVICE i64 of(int vectors) const { return row * vectors * length + column; }
};

DEVICE Place place_of(int i, int length) {
    Place place;
    place.state = i;
    place.row = (u32)i / (u32)length;
    place.column = i - (int)place.row * length;
    place.length = length;
    return place;
}

#if KIND < 2

DEVICE void forward(const cresset_recurrent_step &p, const Place &at) {
    float x = ((const float *)p.product)[at.state] + ((const float *)p.projected)[at.state];
    // As on the CPU, NaN stays NaN.
    ((float *)p.hidden)[at.state] = KIND == 1 ? (x < 0 ? 0.0f : x) : tanhf(x);
}

DEVICE void backward(const cresset_recurrent_back_step &p, const Place &at) {
    float state = ((const float *)p.hidden)[at.state];
    float dh = ((const float *)p.gradient)[at.state] + ((const float *)p.hidden_gradient)[at.state];
    ((float *)p.projected_gradient)[at.state] = KIND == 1 ? (state <= 0 ? 0.0f : dh) : dh * (1 - state * state);
}

#elif KIND == 2

DEVICE void forward(const cresset_recurrent_step &p, const Place &at) {
    const float *product = (const float *)p.product + at.of(3), *x = (const float *)p.projected + at.of(3);
    const float *bias = (const float *)p.bias + at.column;
    int h = at.length;
    float r = product[0], z = product[h], m = product[2 * h];
    if (p.bias) {
        r += bias[0];
        z += bias[h];
        m += bias[2 * h];
    }
    float before = ((const float *)p.hidden_before)[at.state];
    r = sigmoid(r + x[0]);
    z = sigmoid(z + x[h]);
    float n = tanhf(r * m + x[2 * h]);
    if (p.gates) {
        float *gates = (float *)p.gates + at.of(4);
        gates[0] = r;
        gates[h] = z;
        gates[2 * h] = n;
        gates[3 * h] = m;
    }
    ((float *)p.hidden)[at.state] = n + z * (before - n);
}

DEVICE float hidden_gradient(const cresset_recurrent_back_step &p, i64 i) {
    float passed = ((const float *)p.hidden_gradient)[i];
    return p.product ? ((const float *)p.product)[i] + passed : passed;
}

DEVICE void backward(const cresset_recurrent_back_step &p, const Place &at) {
    const float *gates = (const float *)p.gates + at.of(4);
    int h = at.length;
    float r = gates[0], z = gates[h], n = gates[2 * h], m = gates[3 * h];
    float before = ((const float *)p.hidden_before)[at.state];
    float dh = ((const float *)p.gradient)[at.state] + hidden_gradient(p, at.state);
    float dn = dh * (1 - z) * (1 - n * n), dr = dn * m * r * (1 - r), dz = dh * (before - n) * z * (1 - z);
    float *x = (float *)p.projected_gradient + at.of(3), *u = (float *)p.recurrent_gradient + at.of(3);
    x[0] = u[0] = dr;
    x[h] = u[h] = dz;
    x[2 * h] = dn;
    u[2 * h] = dn * r;
    // The part that bypasses the gates; the matrix product of these gradients is the rest.
    ((float *)p.hidden_gradient)[at.state] = dh * z;
}

/// Combines the two parts of the first state's gradient.
KERNEL(recurrent_finish, 128)(cresset_recurrent_back_step p) {
    int i = (int)(blockIdx.x * 128 + threadIdx.x);
    if (i < p.count) ((float *)p.hidden_gradient)[i] = hidden_gradient(p, i);
}
EXPORT(recurrent_finish)

#else

DEVICE void forward(const cresset_recurrent_step &p, const Place &at) {
    const float *product = (const float *)p.product + at.of(4), *x = (const float *)p.projected + at.of(4);
    int h = at.length;
    float before = ((const float *)p.cells_before)[at.state];
    float i = sigmoid(product[0] + x[0]), f = sigmoid(product[h] + x[h]);
    float g = tanhf(product[2 * h] + x[2 * h]), o = sigmoid(product[3 * h] + x[3 * h]);
    float c = f * before + i * g;
    if (p.gates) {
        float *gates = (float *)p.gates + at.of(4);
        gates[0] = i;
        gates[h] = f;
        gates[2 * h] = g;
        gates[3 * h] = o;
    }
    ((float *)p.cells)[at.state] = c;
    ((float *)p.hidden)[at.state] = o * tanhf(c);
}

DEVICE void backward(const cresset_recurrent_back_step &p, const Place &at) {
    const float *gates = (const float *)p.gates + at.of(4);
    int h = at.length;
    float i = gates[0], f = gates[h], g = gates[2 * h], o = gates[3 * h];
    float squashed = tanhf(((const float *)p.cells)[at.state]), before = ((const float *)p.cells_before)[at.state];
    float dh = ((const float *)p.gradient)[at.state] + ((const float *)p.hidden_gradient)[at.state];
    float dc = ((const float *)p.cell_gradient)[at.state] + dh * o * (1 - squashed * squashed);
    float *out = (float *)p.projected_gradient + at.of(4);
    out[0] = dc * g * i * (1 - i);
    out[h] = dc * before * f * (1 - f);
    out[2 * h] = dc * i * (1 - g * g);
    out[3 * h] = dh * squashed * o * (1 - o);
    ((float *)p.cell_gradient)[at.state] = dc * f;
}

#endif

KERNEL(recurrent_forward, 128)(cresset_recurrent_step p) {
    int i = (int)(blockIdx.x * 128 + threadIdx.x);
    if (i < p.count) forward(p, place_of(i, p.length));
}
EXPORT(recurrent_forward)

KERNEL(recurrent_backward, 128)(cresset_recurrent_back_step p) {
    int i = (int)(blockIdx.x * 128 + threadIdx.x);
    if (i < p.count) backward(p, place_of(i, p.length));
}
EXPORT(recurrent_backward)
