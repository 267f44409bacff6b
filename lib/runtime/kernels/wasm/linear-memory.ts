/** The size of a page of WebAssembly's memory, in bytes. */
export const pageBytes = 65536;

/** The kernels have no static data. The first bytes stay unused, because address 0 stands for an absent tensor. */
export const firstAddress = 64;

/** The size of a cache line: vectors that do not straddle two lines load and store faster. */
const alignment = 64;

/** A bump allocator on the linear memory of the kernels. What is allocated lives as long as the memory. */
export class LinearMemory {
  readonly #memory: WebAssembly.Memory;
  #end = firstAddress;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Allocates bytes, aligned to a cache line, and returns their address. */
  allocate(bytes: number): number {
    const address = align(this.#end);
    this.#end = address + bytes;
    this.ensure(this.#end);
    return address;
  }

  /** The first aligned address after everything that was allocated. What lies there may be used as scratch memory. */
  get end(): number {
    return align(this.#end);
  }

  /** Grows the memory so that every address below `end` is valid. */
  ensure(end: number): void {
    const missing = end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
  }

  /** A view of floats at an address. Growing the memory detaches it: do not store it. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  /** A view of bytes at an address. Growing the memory detaches it: do not store it. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }
}

/** Rounds an address up to the next cache line. */
export function align(address: number): number {
  return Math.ceil(address / alignment) * alignment;
}
