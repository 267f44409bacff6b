import * as v from 'valibot';
import { calibrationSchema } from '../../core/calibration-schema.ts';
import { FaceNetError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { Calibration } from '../../core/types.ts';
import { countNumbers, type HeadShape } from './projection.ts';
import type { HeadReport } from './types.ts';

/** The version of the file format that this release writes. docs/training.md describes the format. */
const formatVersion = 1;

/** The contents of a head file. */
export interface HeadContent extends HeadShape {
  /** The model of the input embeddings. */
  base: string;
  /** The parameters, in the order of `Projection`. */
  numbers: Float32Array;
  /** Undefined when too few people were held out. */
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
      v.check((numbers) => numbers.every(Number.isFinite), 'must be finite float32 numbers'),
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
  v.check((head) => head.numbers.length === countNumbers(head), 'the number of parameters does not match the shape'),
);

/** Identifies a head: the SHA-256 of its parameters as little-endian float32, in hexadecimal. */
export async function fingerprint(numbers: Float32Array): Promise<string> {
  const bytes = new DataView(new ArrayBuffer(numbers.length * 4));
  numbers.forEach((value, i) => {
    bytes.setFloat32(i * 4, value, true);
  });
  return sha256Hex(bytes);
}

/** Serialises a head as JSON. */
export async function writeHead({ numbers, calibration, report, ...rest }: HeadContent): Promise<Blob> {
  const { before, after, ...counts } = report;
  const file = {
    format: 'facenet-head',
    version: formatVersion,
    ...rest,
    // Nine significant digits represent every float32 exactly.
    numbers: Array.from(numbers, (value) => Number(value.toPrecision(9))),
    sha256: await fingerprint(numbers),
    ...(calibration && { calibration }),
    report: { ...counts, ...(before && { before }), ...(after && { after }) },
  };
  return new Blob([JSON.stringify(file)], { type: 'application/json' });
}

/**
 * Reads and validates a head file.
 *
 * @throws {FaceNetError} `head-invalid` for a file that is not a head or is damaged, `head-version` for a newer format.
 */
export async function readHead(file: Blob): Promise<HeadContent> {
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch (cause) {
    throw new FaceNetError('head-invalid', 'The file is not a saved head: pass a file that head.save() returned.', {
      cause,
    });
  }
  const kind = v.safeParse(anyFile, json);
  if (!kind.success)
    throw new FaceNetError('head-invalid', 'The file is not a saved head: pass a file that head.save() returned.');
  if (kind.output.version > formatVersion) {
    throw new FaceNetError(
      'head-version',
      `The head has format version ${kind.output.version}, and this release reads version ${formatVersion}: update facenet-web.`,
    );
  }
  const { success, output, issues } = v.safeParse(headFile, json, { abortEarly: true });
  if (!success) {
    const path = v.getDotPath(issues[0]) ?? 'the root';
    throw new FaceNetError(
      'head-invalid',
      `The saved head is damaged (at ${path}: ${issues[0].message}): load another copy, or train again.`,
    );
  }
  const { base, inputs, outputs, hidden, numbers, sha256, calibration, report } = output;
  if ((await fingerprint(numbers)) !== sha256) {
    throw new FaceNetError(
      'head-invalid',
      'The parameters of the saved head do not match its SHA-256: load another copy, or train again.',
    );
  }
  const { before, after, ...counts } = report;
  return { base, inputs, outputs, hidden, numbers, calibration, report: { ...counts, before, after } };
}
