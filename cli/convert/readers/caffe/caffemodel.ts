import { FaceNetError } from '../../../../lib/core/errors.ts';
import { damaged, unsupportedFile } from '../../errors.ts';
import { float32FromHalf } from '../../graph/float16.ts';
import { bytesOf, readMessage } from '../protobuf.ts';

/** The types of raw values. (opencv-caffe.proto, `Type`) */
const float32 = 1;
const float16 = 2;

/** The weights of a .caffemodel: the values of the blobs of each layer, by its name. */
export type CaffeWeights = ReadonlyMap<string, readonly Float32Array[]>;

/**
 * Reads the weights of a .caffemodel: a NetParameter with 32-bit floats, or with the 16-bit floats that OpenCV's shrinking tool writes.
 * Field numbers are from opencv-caffe.proto.
 *
 * @throws {FaceNetError} `model-file-damaged` for other bytes and for weights that are not finite; `model-file-unsupported` for the
 *   format before 2015, and for other types of values.
 */
export function readCaffeModel(bytes: Uint8Array): CaffeWeights {
  const weights = new Map<string, Float32Array[]>();
  let hasOldLayers = false;
  readDamaged(() =>
    readMessage(bytes, (field, reader) => {
      if (field === 2) hasOldLayers = true;
      if (field !== 100) return;
      const { name, blobs } = readLayer(bytesOf(reader));
      if (blobs.length > 0) weights.set(name, blobs);
    }),
  );
  if (weights.size > 0) return weights;
  if (!hasOldLayers) throw damaged('The .caffemodel has no layers with weights');
  throw unsupportedFile(
    "The .caffemodel has the layers of an old version of Caffe: upgrade it with Caffe's upgrade_net_proto_binary.",
  );
}

function readLayer(bytes: Uint8Array): { name: string; blobs: Float32Array[] } {
  const layer = { name: '', blobs: [] as Float32Array[] };
  readMessage(bytes, (field, reader) => {
    if (field === 1) layer.name = reader.readString();
    if (field === 7) layer.blobs.push(readBlob(bytesOf(reader)));
  });
  return layer;
}

function readBlob(bytes: Uint8Array): Float32Array {
  const floats: number[] = [];
  let raw = new Uint8Array();
  let type = float32;
  readMessage(bytes, (field, reader) => {
    if (field === 5) reader.readPackedFloat(floats);
    if (field === 8) throw unsupportedFile('The .caffemodel has 64-bit floats: save it with 32-bit floats.');
    if (field === 10) type = reader.readVarint();
    if (field === 12) raw = new Uint8Array(bytesOf(reader));
  });
  const values = raw.length > 0 ? rawValues(raw, type) : Float32Array.from(floats);
  if (!values.every(Number.isFinite)) throw damaged('The .caffemodel has a weight that is not finite');
  return values;
}

function rawValues(raw: Uint8Array<ArrayBuffer>, type: number): Float32Array {
  if (type === float16 && raw.length % 2 === 0)
    return Float32Array.from(new Uint16Array(raw.buffer), (half) => float32FromHalf(half));
  if (type === float32 && raw.length % 4 === 0) return new Float32Array(raw.buffer);
  throw unsupportedFile(`The .caffemodel has values of the type ${type}: use 32-bit or 16-bit floats.`);
}

/** Reports the errors of typed arrays, which pbf throws for invalid lengths, as damage. */
function readDamaged(read: () => void): void {
  try {
    read();
  } catch (cause) {
    if (cause instanceof FaceNetError) throw cause;
    throw damaged(`The .caffemodel is damaged (${cause instanceof Error ? cause.message : cause})`, { cause });
  }
}
