import { multiplyAdd } from './arithmetic';

/**
 * The microkernel's accumulators, 4 tiles × 8 channels, fit into registers; weights in the cache serve two such groups
 * of tiles. lib/runtime/kernels/winograd.ts computes the size of the scratch memory from these numbers.
 */
export const tilesPerPass = 8;
export const tilesPerProduct = 4;
export const channelsPerBlock = 8;

/** The products of an element: a block of channels for each tile. */
export const productBytes = tilesPerPass * channelsPerBlock * 4;

/**
 * Multiplies transformed tiles by a block of filters, one matrix product for each element. The innermost loop repeats
 * that of convolution.ts: accumulators stay in registers only as local variables of one function.
 */
export function multiplyElements(
  transformed: usize,
  elementBytes: usize,
  tiles: i32,
  weights: usize,
  inputs: i32,
  elements: i32,
  product: usize,
): void {
  const bytes = <usize>(inputs * 4);
  const weightBytes = <usize>(inputs * channelsPerBlock * 4);
  for (let element = 0; element < elements; element++) {
    let a = transformed;
    let to = product;
    for (let tile = 0; tile < tiles; tile += tilesPerProduct, to += 128) {
      let b = a + bytes;
      let c = b + bytes;
      let d = c + bytes;
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let b0 = a0;
      let b1 = a0;
      let c0 = a0;
      let c1 = a0;
      let d0 = a0;
      let d1 = a0;
      let w = weights;
      for (let i = inputs; i > 0; i--) {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        const x = v128.load32_splat(a);
        a0 = multiplyAdd(x, w0, a0);
        a1 = multiplyAdd(x, w1, a1);
        const y = v128.load32_splat(b);
        b0 = multiplyAdd(y, w0, b0);
        b1 = multiplyAdd(y, w1, b1);
        const z = v128.load32_splat(c);
        c0 = multiplyAdd(z, w0, c0);
        c1 = multiplyAdd(z, w1, c1);
        const u = v128.load32_splat(d);
        d0 = multiplyAdd(u, w0, d0);
        d1 = multiplyAdd(u, w1, d1);
        a += 4;
        b += 4;
        c += 4;
        d += 4;
        w += 32;
      }
      // The next four tiles follow these.
      a = d;
      v128.store(to, a0);
      v128.store(to, a1, 16);
      v128.store(to, b0, 32);
      v128.store(to, b1, 48);
      v128.store(to, c0, 64);
      v128.store(to, c1, 80);
      v128.store(to, d0, 96);
      v128.store(to, d1, 112);
    }
    transformed += elementBytes;
    product += productBytes;
    weights += weightBytes;
  }
}
