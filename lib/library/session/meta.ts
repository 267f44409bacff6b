import type { ComparisonRule } from '../../comparison/compare.ts';
import { FaceNetError } from '../../core/errors.ts';
import type { LibraryFaceNet } from '../model/types.ts';
import { isSameEmbedder } from '../storage/embedder.ts';
import type { Store } from '../storage/store.ts';
import type { MetaRow } from '../storage/tables.ts';
import { embedderOf } from './embedder.ts';
import { maxLinkDistance } from './library-graph.ts';

/** The version of the stored records. */
const recordVersion = 1;

/**
 * The library's own record: a new one, if the library is new. If the FaceNet has another calibration of the library's embedder, that is
 * used from now on, and all faces are grouped again by it.
 *
 * @throws {FaceNetError} `library-version`
 */
export async function readMeta(store: Store, facenet: LibraryFaceNet): Promise<MetaRow> {
  const meta = { ...newMeta(facenet), ...(await store.get('meta', 'library')) };
  if (meta.version > recordVersion) {
    throw new FaceNetError('library-version', 'A newer release wrote this library: update facenet-web to open it.');
  }
  // An update takes the FaceNet's rule over at its end.
  if (meta.updating || !isSameEmbedder(embedderOf(meta), embedderOf(facenet))) return meta;
  const { rule } = facenet;
  return JSON.stringify(rule) === JSON.stringify(meta.rule) ? meta : withRule(meta, rule);
}

/** How much longer the links of questions have to become before the neighbour graph is computed again for them. */
const minLengthening = 1.02;

function withRule(meta: MetaRow, rule: ComparisonRule): MetaRow {
  const before = maxLinkDistance(meta.rule.calibration);
  // The stored graph lacks longer links than those of the former calibration. Between presets of one embedder they differ by less, and
  // only the least probable questions need them.
  const graphed = maxLinkDistance(rule.calibration) > minLengthening * before ? 0 : meta.graphed;
  return { ...meta, rule, graphed, grouped: 0 };
}

function newMeta({ rule, identity }: LibraryFaceNet): MetaRow {
  const next = { file: 1, photo: 1, face: 0, person: 1, journal: 1 };
  return { key: 'library', version: recordVersion, rule, identity, next, graphed: 0, grouped: 0 };
}
