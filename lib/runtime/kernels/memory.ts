const pageBytes = 65536;

/** The kernels keep no data of their own; the first bytes stay free, so that no address is 0, which means none. */
const firstAddress = 64;

/** WebAssembly vectors read and write faster where they do not straddle the processor's cache lines. */
const alignment = 64;

/** The linear memory of a network's kernels, given out from its start. */
export class Memory {
  readonly #memory: WebAssembly.Memory;
  #end = firstAddress;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Room for so many bytes, for as long as the network lives. */
  take(bytes: number): number {
    const address = aligned(this.#end);
    this.#end = address + bytes;
    this.reserve(this.#end);
    return address;
  }

  /** The first address behind everything that was taken. */
  get end(): number {
    return aligned(this.#end);
  }

  /** Makes sure that there is memory up to an address. */
  reserve(end: number): void {
    const missing = end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
  }

  /** Floats at an address; not to be kept, since memory that grows is another one. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }
}

export function aligned(address: number): number {
  return Math.ceil(address / alignment) * alignment;
}
