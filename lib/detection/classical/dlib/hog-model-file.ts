import * as v from 'valibot';
import { damaged, PackedFile, pack } from '../../../models/packed-file.ts';
import { type DlibHogModel, planeCount } from './hog-model.ts';

/** The kind of the packed file. */
const kind = 'FWho';

const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const headerSchema = v.object({
  cell: whole(2, 64),
  columns: whole(1, 64),
  rows: whole(1, 64),
  padding: whole(0, 31),
  minWidth: whole(1, 2048),
  minHeight: whole(1, 2048),
  maxLevels: whole(1, 1e6),
  maxOverlap: share,
  maxCovered: share,
  classifiers: v.pipe(
    v.array(
      v.object({
        threshold: v.pipe(v.number(), v.finite()),
        planes: v.pipe(v.array(whole(0, planeCount - 1)), v.maxLength(planeCount * 64)),
      }),
    ),
    v.minLength(1),
    v.maxLength(64),
  ),
});

/** Stores a detector compactly: the filters as 32-bit floats. dlib's frontal face detector takes 25 kB instead of 155 kB. */
export function packHogModel({ classifiers, ...model }: DlibHogModel): Uint8Array<ArrayBuffer> {
  const header = {
    ...model,
    classifiers: classifiers.map(({ threshold, filters }) => ({
      threshold,
      planes: filters.map(({ plane }) => plane),
    })),
  };
  const filters = classifiers.flatMap((classifier) => classifier.filters);
  return pack(
    kind,
    header,
    filters.flatMap(({ row, column }) => [row, column]),
  );
}

/** Reads what {@link packHogModel} wrote. @throws {FaceNetError} `model-file-damaged` for other bytes. */
export function unpackHogModel(bytes: Uint8Array<ArrayBuffer>): DlibHogModel {
  const file = new PackedFile(kind, bytes);
  const { success, output: header } = v.safeParse(headerSchema, file.header);
  if (!success || 2 * header.padding >= Math.min(header.columns, header.rows)) throw damaged('header');
  const classifiers = header.classifiers.map(({ threshold, planes }) => ({
    threshold,
    filters: planes.map((plane) => ({
      plane,
      row: file.array(Float32Array, header.columns),
      column: file.array(Float32Array, header.rows),
    })),
  }));
  file.end();
  return { ...header, classifiers };
}
