// Copies, conversions and fills. A unit is
//   FROM, TO   the types of operand and result; integers of the element size if they are the same
//   LAYOUT     as in elementwise.h; 4 and 5: transposed, with indices of 32 and 64 bits
//   FILLS      1: every element becomes the low bytes of `bits`
#include "conversions.h"
#include "copy.h"

#if FILLS

struct Op {
    static constexpr int inputs = 0;
    typedef u8 In0, In1, In2;
    typedef TO Out;
    TO value;
    DEVICE TO operator()(u8, u8, u8) const { return value; }
};
KERNEL(fill, elementwise_threads)(cresset_elementwise p) {
    Op op = {(TO)p.bits};
    walk_elements<LAYOUT>(p, op);
}
EXPORT(fill)

#elif LAYOUT < 4

struct Op {
    static constexpr int inputs = 1;
    typedef FROM In0;
    typedef u8 In1, In2;
    typedef TO Out;
    DEVICE TO operator()(FROM v, u8, u8) const { return Converted<TO>::of(load(v)); }
};
KERNEL(copy, elementwise_threads)(cresset_elementwise p) {
    Op op;
    walk_elements<LAYOUT>(p, op);
}
EXPORT(copy)

#else

// Tile by tile through shared memory, so that both sides use whole cache lines.
template <class I> DEVICE void transpose_tile(const cresset_transpose &p) {
    const int tile = cresset_transpose_tile;
    SHARED(FROM, elements, [tile][tile + 1]);
    int lane = threadIdx.x % tile, warp = threadIdx.x / tile;
    typename offset_of<I>::type at[4], out_step = (typename offset_of<I>::type)p.out_step,
                                in_step = (typename offset_of<I>::type)p.in_step;
    locate<4>(p.tiles, (I)blockIdx.x, at);
    int rows = (int)smaller(p.rows - at[2], (i64)tile), columns = (int)smaller(p.columns - at[3], (i64)tile);
    const FROM *in = (const FROM *)p.in + at[1];
    TO *out = (TO *)p.out + at[0];
    UNROLL for (int j = 0; j < tile; j += 8)
        if (warp + j < columns && lane < rows) elements[warp + j][lane] = in[(warp + j) * in_step + lane];
    __syncthreads();
    UNROLL for (int j = 0; j < tile; j += 8)
        if (warp + j < rows && lane < columns)
            out[(warp + j) * out_step + lane] = Converted<TO>::of(load(elements[lane][warp + j]));
}
KERNEL(transpose, 256)(cresset_transpose p) {
#if LAYOUT == 4
    transpose_tile<u32>(p);
#else
    transpose_tile<u64>(p);
#endif
}
EXPORT(transpose)

#endif
