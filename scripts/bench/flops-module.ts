/** The instructions of the loop: a multiplication and an addition, or a fused multiply-add (relaxed SIMD). */
export type Arithmetic = 'simd' | 'relaxed';

/** The number of independent chains: enough to hide the latency of the adders, and few enough for the registers. */
const chains = 12;

/** The floating-point operations of one iteration: a multiplication and an addition in each of four lanes. */
export const flopsPerIteration = chains * 4 * 2;

const v128 = 0x7b;
const f32 = 0x7d;
const i32 = 0x7f;
const simd = 0xfd;

/**
 * Assembles a WebAssembly module whose `run(iterations)` multiplies and adds on independent chains in registers. Its speed
 * is the upper bound for a network's multiply-adds on one thread.
 */
export function flopsModule(arithmetic: Arithmetic): number[] {
  // Locals: 0 is the iteration counter, 1 the factor, 2 the addend, 3 and up the accumulators, one per chain.
  const get = (local: number) => [0x20, local];
  const set = (local: number) => [0x21, local];
  const splat = (value: number) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), simd, 0x13];
  const mul = [simd, 0xe6, 0x01];
  const add = [simd, 0xe4, 0x01];
  const relaxedMadd = [simd, 0x85, 0x02];
  const forEachChain = (code: (local: number) => number[]) =>
    Array.from({ length: chains }, (_, i) => code(3 + i)).flat();

  // x·0.999 + 0.001 converges to 1: no infinities, and no slow subnormal numbers.
  const step = (local: number) =>
    arithmetic === 'simd'
      ? [...get(local), ...get(1), ...mul, ...get(2), ...add, ...set(local)]
      : [...get(local), ...get(1), ...get(2), ...relaxedMadd, ...set(local)];
  const code = [
    ...[...splat(0.999), ...set(1), ...splat(0.001), ...set(2)],
    ...forEachChain((local) => [...splat(local / 8), ...set(local)]),
    ...[0x03, 0x40, ...forEachChain(step)],
    // while (--iterations)
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    // Returning the sum keeps the compiler from removing a chain.
    ...[...splat(0), ...forEachChain((local) => [...get(local), ...add]), simd, 0x1f, 0, 0x0b],
  ];
  const body = [...[1, ...leb128(chains + 2), v128], ...code];
  const section = (id: number, content: number[]) => [id, ...leb128(content.length), ...content];
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, i32, 1, f32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...Buffer.from('run'), 0, 0]),
    ...section(10, [1, ...leb128(body.length), ...body]),
  ];
}

function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >> 7)];
}
