import { FaceNetError } from '../../../core/errors.ts';

const pageBytes = 65_536;

/** Allocates parts of a WebAssembly memory, which grows as needed. The memory is freed with its instance. */
export class WasmArena {
  readonly #memory: WebAssembly.Memory;
  // The first bytes stay free: an address of 0 is no address.
  #end = 1024;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /**
   * Reserves bytes.
   *
   * @returns their address, a multiple of 16.
   * @throws {FaceNetError} `option-invalid` when the memory cannot grow: only pictures can be so large.
   */
  reserve(bytes: number): number {
    const address = this.#end;
    this.#end += Math.ceil(bytes / 16) * 16;
    const missing = Math.ceil((this.#end - this.#memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.#grow(missing);
    return address;
  }

  /** The state that {@link release} restores. */
  mark(): number {
    return this.#end;
  }

  /** Frees all that was reserved after a mark. */
  release(mark: number): void {
    this.#end = mark;
  }

  /** Reserves bytes that are 0. @returns their address. */
  zeros(bytes: number): number {
    const address = this.reserve(bytes);
    this.#bytes(address, bytes).fill(0);
    return address;
  }

  /** Reserves memory for an array and copies it. @returns its address. */
  store({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
    const address = this.reserve(byteLength);
    this.#bytes(address, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    return address;
  }

  /** The floats at an address. Valid until the next {@link reserve}. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  #grow(pages: number): void {
    try {
      this.#memory.grow(pages);
    } catch (cause) {
      const problem = 'The picture, doubled until minSize is found, does not fit into the memory of the HOG detector';
      throw new FaceNetError('option-invalid', `${problem}: pass a larger minSize or a smaller picture.`, { cause });
    }
  }

  #bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }
}
