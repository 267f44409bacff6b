const size = 624;
const middle = 397;

/**
 * The generator of random 32-bit integers MT19937. (Matsumoto and Nishimura, "Mersenne Twister", 1998)
 *
 * @param seed an integer, 0 to 2³² − 1. Default: that of the authors' program.
 * @returns a function that returns the next number, 0 to 2³² − 1.
 */
export function mersenneTwister(seed = 5489): () => number {
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const last = state[i - 1] as number;
    state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
  }
  let next = size;
  return () => {
    if (next === size) {
      twist(state);
      next = 0;
    }
    let value = state[next++] as number;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  };
}

/** Replaces the state by the next one. */
function twist(state: Uint32Array): void {
  for (let i = 0; i < size; i++) {
    const joined = ((state[i] as number) & 0x80000000) | ((state[(i + 1) % size] as number) & 0x7fffffff);
    state[i] = (state[(i + middle) % size] as number) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
  }
}
