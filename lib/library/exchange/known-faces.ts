import { corrected } from '../people/columns.ts';
import { successorsOf } from '../people/successors.ts';
import type { LibrarySession } from '../session/session.ts';
import type { FaceRow, PhotoRow } from '../storage/tables.ts';
import type { ExchangeRecord } from './format.ts';

type PhotoRecord = NonNullable<ExchangeRecord['photo']>;

/**
 * The faces of a photo that the library has at the places of those of an export. Other models may have found them.
 *
 * @param refused the faces of which constraints of the library state whose they are not.
 * @returns their numbers, in the order of the export; undefined for one that is not found, or that a correction of the library concerns.
 */
export async function knownFaces(
  { store, state, rule }: LibrarySession,
  known: PhotoRow,
  { faces, width, height }: PhotoRecord,
  refused: ReadonlySet<number>,
): Promise<(number | undefined)[]> {
  const present = (await store.getAll('faces', known.faces)).filter((row) => row !== undefined);
  const exported = faces.map((face, number): FaceRow => ({ ...face, number, photo: known.number, model: rule.model }));
  const found = successorsOf({ width, height, faces: exported }, { ...known, faces: present });
  return faces.map((_, i) => {
    const face = found.get(i);
    const isDecided = face === undefined || state.columns.has(face, corrected) || refused.has(face);
    return isDecided ? undefined : face;
  });
}
