import { damaged, unsupportedFile } from '../../errors.ts';
import type { Environment, PickleGlobal, PickleMap, PickleObject, PickleValue } from './pickle.ts';

/** The types of storages, by the name of their class in PyTorch. */
const storageTypes: Record<string, ScalarType> = {
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  DoubleStorage: 'float64',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'uint8',
};

/** The type of the numbers in a storage. */
export type ScalarType =
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float64'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8';

/** A storage in the file, by its key. */
export interface StorageReference extends PickleObject {
  kind: 'storage';
  key: string;
  type: ScalarType;
  /** The number of values. */
  length: number;
}

/** A tensor that views a storage. */
export interface TensorReference extends PickleObject {
  kind: 'tensor';
  storage: StorageReference;
  /** The first value, and the distances between neighbours along each axis, in values. */
  offset: number;
  shape: number[];
  strides: number[];
}

/** A global that may be named. */
interface Permitted extends PickleObject {
  kind: 'global';
  call(args: readonly PickleValue[]): PickleValue;
}

/** Whether a value is of a kind that {@link torchEnvironment} makes. */
export function isTensor(value: PickleValue): value is TensorReference {
  return isObject(value) && value.kind === 'tensor';
}

function isStorage(value: PickleValue): value is StorageReference {
  return isObject(value) && value.kind === 'storage';
}

function isObject(value: PickleValue): value is PickleObject {
  return typeof value === 'object' && 'kind' in value;
}

/** The globals that a state dict names. A call of any other one is never made: it is refused when it is named. */
const permitted: Record<string, (args: readonly PickleValue[]) => PickleValue> = {
  'collections OrderedDict': dictionaryOf,
  'torch._utils _rebuild_tensor': rebuildTensor,
  'torch._utils _rebuild_tensor_v2': rebuildTensor,
  'torch._utils _rebuild_parameter': ([tensor]) => tensor,
  'torch Size': ([sizes]) => sizes,
  'torch device': () => undefined,
};

/** What the globals of `torch.save` and `torch.jit.save` stand for. */
export const torchEnvironment: Environment = {
  global(global) {
    const { module, name } = global;
    const key = `${module} ${name}`;
    const call = Object.hasOwn(permitted, key) ? permitted[key] : undefined;
    if (call) return { kind: 'global', call } as Permitted;
    const type = module === 'torch' && Object.hasOwn(storageTypes, name) ? storageTypes[name] : undefined;
    if (type) return type;
    // An instance of a class of TorchScript: its attributes are a dictionary.
    if (module.startsWith('__torch__')) return { kind: 'global', call: (): PickleMap => new Map() } as Permitted;
    throw refused(global);
  },
  call(callee, args) {
    if (isObject(callee) && callee.kind === 'global') return (callee as Permitted).call(args);
    throw damaged('A pickle in the file calls something that is not a function');
  },
  persistent(id) {
    const [kind, type, key, , length] = Array.isArray(id) ? id : [];
    if (kind === 'storage' && typeof key === 'string' && typeof type === 'string') {
      const reference: StorageReference = { kind: 'storage', key, type: type as ScalarType, length: Number(length) };
      return reference;
    }
    throw damaged('A pickle in the file refers to an unknown storage');
  },
};

function refused({ module, name }: PickleGlobal): Error {
  const path = `${module}.${name}`;
  return unsupportedFile(
    `The file names the global ${path}, which is not one of a state dict, and nothing of it is run: save the weights alone, with torch.save(model.state_dict(), path).`,
  );
}

/** `OrderedDict(pairs)`. */
function dictionaryOf([pairs]: readonly PickleValue[]): PickleMap {
  const entries = Array.isArray(pairs) ? pairs.filter((pair) => Array.isArray(pair)) : [];
  return new Map(entries.map(([key, value]) => [key, value]));
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, …)`. */
function rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[]): TensorReference {
  if (isStorage(storage) && typeof offset === 'number' && areSizes(shape) && areSizes(strides)) {
    if (shape.length === strides.length && shape.length <= 8)
      return { kind: 'tensor', storage, offset, shape, strides };
  }
  throw damaged('A pickle in the file describes an impossible tensor');
}

function areSizes(value: PickleValue): value is number[] {
  return (
    Array.isArray(value) && value.every((size) => typeof size === 'number' && Number.isSafeInteger(size) && size >= 0)
  );
}
