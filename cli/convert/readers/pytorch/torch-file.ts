import type { StoredTensor } from '../../architectures/weight-file.ts';
import { damaged, unsupportedFile } from '../../errors.ts';
import { scalarReaders } from '../../graph/scalars.ts';
import { ByteReader } from './byte-reader.ts';
import { isLegacyTorchFile, legacyMagic } from './is-legacy-torch-file.ts';
import { type PickleValue, readPickle } from './pickle.ts';
import { isTensor, type StorageReference, type TensorReference, torchEnvironment } from './torch-environment.ts';
import { readZip } from './zip-archive.ts';

/** The maximum depth of dictionaries within dictionaries, and the maximum number of values in them. */
const maxDepth = 32;
const maxVisits = 200_000;

/** The bytes of a storage. */
type ReadStorage = (reference: StorageReference) => Uint8Array;

/**
 * The tensors of a .pt or .pth file, by their names: a state dict, one within a dictionary of a training, or the weights of a
 * TorchScript archive. Names of nested dictionaries are joined by dots. No code of the file is run.
 *
 * @throws {FaceNetError} `model-file-damaged`, or `model-file-unsupported` with the name of a global that a state dict does not have.
 */
export function readTorchFile(bytes: Uint8Array): Map<string, StoredTensor> {
  const { value, readStorage } = isLegacyTorchFile(bytes) ? readLegacy(bytes) : readArchive(bytes);
  const tensors = new Map<string, StoredTensor>();
  // No state dict has more values than its file has bytes.
  let budget = bytes.length;
  for (const [name, tensor] of namedTensors(value)) {
    const count = tensor.shape.reduce((product, size) => product * size, 1);
    budget -= count;
    if (!(budget >= 0)) throw damaged(`The tensor "${name}" states more values than the file has`);
    tensors.set(name, tensorOf(tensor, count, readStorage(tensor.storage)));
  }
  if (tensors.size > 0) return tensors;
  throw unsupportedFile('The file has no tensors by name: save the weights with torch.save(model.state_dict(), path).');
}

/** The tensors in a dictionary and in the dictionaries within it. */
function namedTensors(value: PickleValue): [name: string, tensor: TensorReference][] {
  const found: [string, TensorReference][] = [];
  let visits = 0;
  const visit = (item: PickleValue, path: readonly string[]) => {
    // A dictionary can contain itself, or be contained many times.
    if (++visits > maxVisits || path.length > maxDepth)
      throw damaged('The dictionaries of the file are nested too deeply');
    if (isTensor(item)) found.push([path.join('.'), item]);
    if (item instanceof Map) for (const [key, inner] of item) visit(inner, [...path, String(key)]);
  };
  visit(value, []);
  return found;
}

/** The form of a ZIP archive: `data.pkl`, and a file for each storage. */
function readArchive(bytes: Uint8Array): { value: PickleValue; readStorage: ReadStorage } {
  const files = readZip(bytes);
  const path = [...files.keys()].find((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  const pickle = files.get(path ?? '');
  if (path === undefined || !pickle) {
    if ([...files.keys()].some((name) => name.endsWith('.npy'))) {
      throw unsupportedFile('The file has arrays of NumPy (.npz), which are not read: export the network as .onnx.');
    }
    throw unsupportedFile(
      'The file is a ZIP archive without an uncompressed data.pkl, so torch.save did not write it: unpack it first.',
    );
  }
  const folder = path.slice(0, -'data.pkl'.length);
  const order = files.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order).trim() === 'big') {
    throw unsupportedFile('The numbers of the file are big-endian, which is not read: save it on another machine.');
  }
  const readStorage: ReadStorage = ({ key }) => {
    const storage = files.get(`${folder}data/${key}`);
    if (storage) return storage;
    throw damaged(`The archive lacks the storage ${key}`);
  };
  return { value: readPickle(pickle, 0, torchEnvironment).value, readStorage };
}

/** The legacy form: magic number, version, system, the object, the keys of the storages, and the storages one after the other. */
function readLegacy(bytes: Uint8Array): { value: PickleValue; readStorage: ReadStorage } {
  let end = legacyMagic.length;
  const next = () => {
    const pickle = readPickle(bytes, end, torchEnvironment);
    end = pickle.end;
    return pickle.value;
  };
  next();
  next();
  const value = next();
  const keys = next();
  const sizes = new Map(namedTensors(value).map(([, { storage }]) => [storage.key, scalarReaders[storage.type].bytes]));
  const storages = new Map<string, Uint8Array>();
  const reader = new ByteReader(bytes, end);
  for (const key of Array.isArray(keys) ? keys : []) {
    const size = sizes.get(String(key)) ?? 0;
    storages.set(String(key), reader.bytes(reader.long() * size));
  }
  const readStorage: ReadStorage = ({ key }) => {
    const storage = storages.get(key);
    if (storage) return storage;
    throw damaged(`The file lacks the storage ${key}`);
  };
  return { value, readStorage };
}

function tensorOf(
  { storage, offset, shape, strides }: TensorReference,
  count: number,
  bytes: Uint8Array,
): StoredTensor {
  const { bytes: size, read } = scalarReaders[storage.type];
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] as number), offset);
  if (count > 0 && (last + 1) * size > bytes.length) throw damaged('A tensor extends beyond its storage');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (storage.type === 'float32' && isContiguous(shape, strides)) {
    return { shape, values: new Float32Array(bytes.slice(offset * size, (offset + count) * size).buffer) };
  }
  const values = new Float32Array(count);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let to = 0; to < count; to++) {
    values[to] = read(view, from * size);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      from += stride;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (shape[axis] as number) * stride;
      index[axis] = 0;
    }
  }
  return { shape, values };
}

/** Whether the values lie in the order of the axes. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  return shape
    .map((length, axis) => ({ length, stride: strides[axis] as number }))
    .reverse()
    .every(({ length, stride }) => {
      const fits = length === 1 || stride === expected;
      expected *= length;
      return fits;
    });
}
