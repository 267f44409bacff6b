import { damaged, unsupportedFile } from '../../errors.ts';
import { ByteReader } from './byte-reader.ts';
import { opcodes, type PickleMachine } from './pickle-opcodes.ts';

/** A function or a class that a pickle names. Nothing is imported: {@link Environment} says what it stands for. */
export interface PickleGlobal {
  module: string;
  name: string;
}

/** A value that a pickle builds. Dictionaries and instances of modules are Maps; tuples and lists are arrays. */
export type PickleValue = undefined | boolean | number | string | Uint8Array | PickleValue[] | PickleMap | PickleObject;

/** A dictionary. */
export type PickleMap = Map<PickleValue, PickleValue>;

/** A value that an {@link Environment} has made, such as a tensor or a permitted global. */
export interface PickleObject {
  readonly kind: string;
}

/** What the names in a pickle stand for. */
export interface Environment {
  /** The value of a global. @throws {FaceNetError} for one that is not permitted. */
  global(global: PickleGlobal): PickleValue;
  /** The result of calling a global with arguments, or of making an instance. */
  call(callee: PickleValue, args: readonly PickleValue[]): PickleValue;
  /** The value that a persistent id stands for. */
  persistent(id: PickleValue): PickleValue;
}

/** The maximum number of operations. A state dict has some twenty for each tensor. */
const maxOperations = 2_000_000;

/**
 * Reads one pickle (Python's pickletools, protocols 0 to 5) without running any of its code. Only the operations that build numbers,
 * strings, tuples, lists and dictionaries are known; globals and calls are left to the environment.
 *
 * @returns the value, and the position after the pickle.
 * @throws {FaceNetError} `model-file-damaged` for invalid operations; `model-file-unsupported` for other ones; what the environment
 *   throws.
 */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  environment: Environment,
): { value: PickleValue; end: number } {
  const reader = new ByteReader(bytes, start);
  const machine: PickleMachine = { reader, environment, stack: [], marks: [], memo: new Map() };
  for (let count = 0; count < maxOperations; count++) {
    const code = reader.byte();
    if (code === 0x2e) {
      if (machine.stack.length !== 1) throw damaged('A pickle in the file does not leave one value');
      return { value: machine.stack[0], end: reader.position };
    }
    const operation = opcodes.get(code);
    if (!operation) {
      throw unsupportedFile(`A pickle in the file has the operation 0x${code.toString(16)}, which is not read.`);
    }
    operation(machine);
  }
  throw damaged('A pickle in the file has too many operations');
}
