import { FaceNetError } from '../../core/errors.ts';
import type { LibraryFaceNet } from '../model/types.ts';
import type { Store } from '../storage/store.ts';
import type { MetaRow } from '../storage/tables.ts';

/** The version of the stored records. */
const recordVersion = 1;

/** The library's own record: a new one, if the library is new. @throws {FaceNetError} `library-version` */
export async function readMeta(store: Store, facenet: LibraryFaceNet): Promise<MetaRow> {
  const meta = { ...newMeta(facenet), ...(await store.get('meta', 'library')) };
  if (meta.version <= recordVersion) return meta;
  throw new FaceNetError('library-version', 'A newer release wrote this library: update facenet-web to open it.');
}

function newMeta({ rule, identity }: LibraryFaceNet): MetaRow {
  const next = { file: 1, photo: 1, face: 0, person: 1, journal: 1 };
  return { key: 'library', version: recordVersion, rule, identity, next, graphed: 0, grouped: 0 };
}
