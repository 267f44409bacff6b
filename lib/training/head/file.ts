import * as v from 'valibot';
import { FaceNetError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { Calibration } from '../../core/types.ts';
import { calibrationSchema } from '../../models/manifest-schema.ts';
import { countNumbers, type HeadShape } from './projection.ts';
import type { HeadReport } from './types.ts';

/** The version of the format that this library writes; docs/training.md describes it. */
const formatVersion = 1;

/** All that a head is. */
export interface HeadContent extends HeadShape {
  /** The model whose embeddings it takes. */
  base: string;
  /** Its matrices, in the order of a projection; each a float32. */
  numbers: Float32Array;
  calibration: Calibration | undefined;
  report: HeadReport;
}

const anyFile = v.looseObject({
  format: v.literal('facenet-head'),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const size = v.pipe(count, v.maxValue(1 << 16));
const group = v.object({ people: count, faces: count });
const validation = v.object({ decidability: v.number(), equalErrorRate: v.number() });

const headFile = v.pipe(
  v.object({
    format: v.literal('facenet-head'),
    version: v.literal(formatVersion),
    base: v.pipe(v.string(), v.minLength(1)),
    inputs: v.pipe(size, v.minValue(1)),
    outputs: v.pipe(size, v.minValue(1)),
    hidden: size,
    numbers: v.pipe(
      v.array(v.number()),
      v.transform((numbers) => Float32Array.from(numbers)),
      v.check((numbers) => numbers.every(Number.isFinite), 'must be float32 numbers'),
    ),
    sha256: v.string(),
    calibration: v.exactOptional(calibrationSchema),
    report: v.object({
      bestEpoch: count,
      epochs: count,
      stopped: v.picklist(['patience', 'no-loss', 'epochs']),
      learned: group,
      heldOut: group,
      before: v.exactOptional(validation),
      after: v.exactOptional(validation),
    }),
  }),
  v.check((head) => head.numbers.length === countNumbers(head), 'has not as many numbers as its shape needs'),
);

/** What a head is known by: the SHA-256 of its numbers as little-endian float32, in hexadecimal. */
export async function fingerprint(numbers: Float32Array): Promise<string> {
  const bytes = new DataView(new ArrayBuffer(numbers.length * 4));
  numbers.forEach((value, i) => {
    bytes.setFloat32(i * 4, value, true);
  });
  return sha256Hex(bytes);
}

/** Writes a head as JSON. */
export async function writeHead({ numbers, calibration, report, ...rest }: HeadContent): Promise<Blob> {
  const { before, after, ...counts } = report;
  const file = {
    format: 'facenet-head',
    version: formatVersion,
    ...rest,
    // Nine digits are every float32's own.
    numbers: Array.from(numbers, (value) => Number(value.toPrecision(9))),
    sha256: await fingerprint(numbers),
    ...(calibration && { calibration }),
    report: { ...counts, ...(before && { before }), ...(after && { after }) },
  };
  return new Blob([JSON.stringify(file)], { type: 'application/json' });
}

/**
 * Reads a head.
 *
 * @throws {FaceNetError} `head-invalid` for what is no head or a damaged one, `head-version` for one of a newer release.
 */
export async function readHead(file: Blob): Promise<HeadContent> {
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch (cause) {
    throw new FaceNetError('head-invalid', 'The file is no saved head: pass what save() made.', { cause });
  }
  const kind = v.safeParse(anyFile, json);
  if (!kind.success) throw new FaceNetError('head-invalid', 'The file is no saved head: pass what save() made.');
  if (kind.output.version > formatVersion) {
    throw new FaceNetError(
      'head-version',
      `The head has format ${kind.output.version}, and this release reads ${formatVersion}: update facenet-web.`,
    );
  }
  const { success, output, issues } = v.safeParse(headFile, json, { abortEarly: true });
  if (!success) {
    const place = v.getDotPath(issues[0]) ?? 'its root';
    throw new FaceNetError(
      'head-invalid',
      `The saved head is damaged (at ${place}: ${issues[0].message}): train another.`,
    );
  }
  const { base, inputs, outputs, hidden, numbers, sha256, calibration, report } = output;
  if ((await fingerprint(numbers)) !== sha256) {
    throw new FaceNetError('head-invalid', 'The saved head’s numbers do not have its SHA-256: train another.');
  }
  const { before, after, ...counts } = report;
  return { base, inputs, outputs, hidden, numbers, calibration, report: { ...counts, before, after } };
}
