import { crc32 } from 'node:zlib';
import { Constant } from '../../../lib/runtime/constant.ts';
import type { PortableGraph, PortableNode } from './portable-graph.ts';

/** The coordinates of the mesh that FaceLandmarker expects: 478 points, the last ten of them on the irises. */
const meshValues = 478 * 3;

/**
 * A face mesh of 468 points with further outputs of zero in the place of the iris points, which FaceLandmarker reads. The
 * last convolution gets filters of zeros for them.
 */
export function withIrisPoints(graph: PortableGraph): PortableGraph {
  const isPoints = ({ shape }: PortableNode) => shape.at(-1) === 468 * 3;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      if (!isPoints(node)) return node;
      const shape = [...node.shape.slice(0, -1), meshValues];
      const { operator } = node;
      if (operator.kind !== 'convolution') return { ...node, shape };
      const bias = Float32Array.from({ length: meshValues }, (_, i) => operator.bias[i] ?? 0);
      return { ...node, shape, operator: { ...operator, bias, filter: widened(operator.filter) } };
    }),
  };
}

function widened(filter: Constant): Constant {
  const outputs = filter.shape.at(-1) as number;
  const { values: weights } = filter;
  const values = Float32Array.from({ length: (weights.length / outputs) * meshValues }, (_, i) => {
    const [tap, output] = [Math.floor(i / meshValues), i % meshValues];
    return output < outputs ? (weights[tap * outputs + output] as number) : 0;
  });
  return new Constant([...filter.shape.slice(0, -1), meshValues], 'float32', { encoding: 'plain', values });
}

/** Packs the networks of a MediaPipe task into its bundle: a ZIP archive without compression (PKWARE APPNOTE 4.3). */
export function taskBundle(files: Record<string, Uint8Array>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const fields = commonFields(name, bytes);
    const header = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), fields, Buffer.from(name)]);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), fields, entry, Buffer.from(name)]));
    parts.push(header, Buffer.from(bytes));
    offset += header.length + bytes.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.set([0x50, 0x4b, 5, 6]);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

/** The fields of a file that its local header and its entry in the directory have in common. */
function commonFields(name: string, bytes: Uint8Array): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(bytes.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}
