import * as v from 'valibot';
import { conditionalSchema, descendingThresholds } from '../../core/calibration-schema.ts';
import { base64Bytes } from '../../gallery/records.ts';

/** The version of the export format, described in docs/library.md. */
export const formatVersion = 1;

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const share = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256'));
/** A face: the id of its photo, and its place in the photo's list. */
const faceReference = v.strictTuple([sha256, count]);

const embedding = v.pipe(
  base64Bytes,
  v.check(({ length }) => length > 0 && length % 4 === 0, 'must hold float32 numbers'),
  v.transform((bytes) => new Float32Array(bytes.buffer)),
  v.check((numbers) => numbers.every(Number.isFinite), 'must hold finite numbers'),
);

const face = v.object({
  box: v.object({ x: finite, y: finite, width: finite, height: finite }),
  /** Absent in exports of earlier builds, and of faces without one. */
  roll: v.exactOptional(finite),
  score: finite,
  quality: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  strangerSimilarity: v.exactOptional(finite),
  /** The model that computed it. */
  strangerModel: v.exactOptional(v.pipe(v.string(), v.minLength(1))),
  embedding,
  /** The number of its person in the export; absent if it has none. */
  person: v.exactOptional(count),
  confirmed: v.boolean(),
  notAFace: v.boolean(),
});

/** The first line. */
export const headerSchema = v.looseObject({
  format: v.literal('facenet-library'),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  vault: v.exactOptional(v.unknown()),
});

/** A record, decrypted: it has exactly one of the keys. The first one is the library. */
export const recordSchema = v.pipe(
  v.object({
    library: v.exactOptional(
      v.object({
        model: v.pipe(v.string(), v.minLength(1)),
        dimension: v.pipe(count, v.minValue(1), v.maxValue(1 << 16)),
        metric: v.picklist(['euclidean', 'cosine']),
        /** The SHA-256 of each file of the embedder's networks. */
        sha256: v.array(sha256),
        /** The alignment template of its crops. */
        template: v.pipe(v.string(), v.minLength(1)),
        calibration: v.pipe(
          v.object({
            logOdds: v.strictTuple([finite, finite]),
            thresholds: v.pipe(v.array(v.object({ far: share, distance: finite })), v.minLength(1)),
            conditional: v.exactOptional(conditionalSchema),
          }),
          descendingThresholds,
        ),
        photos: count,
        /** The numbers of these records. Absent in exports of earlier builds. */
        people: v.exactOptional(count),
        constraints: v.exactOptional(count),
      }),
    ),
    photo: v.exactOptional(
      v.object({
        id: sha256,
        path: v.string(),
        width: count,
        height: count,
        time: finite,
        taken: v.boolean(),
        orientation: v.pipe(count, v.minValue(1), v.maxValue(8)),
        indexed: v.string(),
        faces: v.array(face),
      }),
    ),
    person: v.exactOptional(
      v.object({
        number: count,
        name: v.string(),
        hidden: v.boolean(),
        refused: v.array(v.string()),
        cover: v.exactOptional(faceReference),
      }),
    ),
    constraint: v.exactOptional(
      v.variant('kind', [
        v.object({ kind: v.literal('not-person'), face: faceReference, person: count }),
        v.object({ kind: v.picklist(['different', 'unsure']), people: v.strictTuple([count, count]) }),
      ]),
    ),
  }),
  v.check((record) => Object.keys(record).length === 1, 'must be one record'),
);

export type ExchangeRecord = v.InferOutput<typeof recordSchema>;

/**
 * What AES-GCM authenticates with a record: its position, so that records cannot be reordered, or removed before others. The numbers
 * of records in the first one reveal that the last ones are missing.
 */
export function additionalDataOf(position: number): string {
  return `library export record ${position}`;
}
