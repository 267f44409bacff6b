import { successorsOf } from '../people/successors.ts';
import type { LibrarySession } from '../session/session.ts';
import type { FaceRow, PhotoRow } from '../storage/tables.ts';
import type { ExchangeRecord } from './format.ts';

type PhotoRecord = NonNullable<ExchangeRecord['photo']>;

/**
 * The faces of a photo that the library has at the places of those of an export. Other models may have found them.
 *
 * @returns their numbers, in the order of the export; undefined for one that is not found.
 */
export async function knownFaces(
  { store, rule }: LibrarySession,
  known: PhotoRow,
  { faces, width, height }: PhotoRecord,
): Promise<(number | undefined)[]> {
  if (faces.length === 0) return [];
  const present = (await store.getAll('faces', known.faces)).filter((row) => row !== undefined);
  const exported = faces.map((face, number): FaceRow => ({ ...face, number, photo: known.number, model: rule.model }));
  const found = successorsOf({ width, height, faces: exported }, { ...known, faces: present });
  return faces.map((_, i) => found.get(i));
}
