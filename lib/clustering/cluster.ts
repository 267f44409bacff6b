import { thresholdFor } from '../comparison/calibration.ts';
import { type ComparisonRule, embeddingOf, type LabelledEmbedding } from '../comparison/compare.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import { lazyImport } from '../core/lazy-import.ts';
import type { Abortable } from '../core/types.ts';
import { cannotLinkSets } from './cannot-link.ts';
import { labelByAllPairs } from './label.ts';
import { representative } from './representative.ts';

/** A face to cluster. Faces returned by `embed()` satisfy it. */
export interface ClusterFace extends LabelledEmbedding {
  /** The quality of the face; `overall` is 0 to 1. */
  quality?: { overall: number } | undefined;
  /**
   * The photo that shows the face: its path, its index, its File or any other key. Faces with the same key are of
   * different people and never in the same cluster. Omit it if a photo may show a person twice, as in a collage or a
   * mirror.
   */
  photo?: unknown;
}

/** Options of {@link clusterFaces}. */
export interface ClusterOptions extends Abortable {
  /**
   * `chinese-whispers` can add faces to known clusters. `agglomerative` (average linkage) compares whole clusters.
   *
   * @default 'chinese-whispers'
   */
  method?: 'chinese-whispers' | 'agglomerative';
  /**
   * How the faces near each face are found. `exact` compares every pair of faces, in quadratic time. `approximate` builds a
   * graph of nearest neighbours (HNSW), which misses few of them, and suits more than about 10,000 faces: docs/clustering.md
   * has times and scores of both.
   *
   * @default 'exact'
   */
  neighbours?: 'exact' | 'approximate';
  /**
   * The false-accept rate that determines the distance threshold, between two faces or between the means of two
   * clusters. Default: 0.0003 for Chinese Whispers, 0.001 for average linkage, tuned on half of the people of LFW and
   * checked on the other half (docs/clustering.md). Use a lower rate for large collections, which hold more pairs of
   * different people.
   */
  far?: number;
  /**
   * The clusters of an earlier call for the first faces. They stay together, even where `photo` or `cannotLink` speaks
   * against it, and new faces join them. Chinese Whispers only.
   *
   * @default []
   */
  known?: readonly Cluster[];
  /** Pairs of faces, by index, that are of different people and never in the same cluster. @default [] */
  cannotLink?: readonly (readonly [number, number])[];
  /** Determines the order of Chinese Whispers. The same seed gives the same clusters. @default 1 */
  seed?: number;
}

/** Faces that are probably of the same person. */
export interface Cluster {
  /** The indices of the faces, ascending. */
  members: number[];
  /** The index of the most typical face: the medoid, weighted by quality. With more than 500 members, only distances to 500 of them count. */
  representative: number;
}

/**
 * Groups the faces of unknown people.
 *
 * @param faces of one model, in any order.
 * @param rule the rule of comparison; pass a loaded FaceNet.
 * @param options the method, and which faces are of different people.
 * @returns the clusters, largest first. Every face is in exactly one; single faces form clusters of their own.
 * @throws {FaceNetError} `model-mismatch` or `option-invalid`.
 *
 * @example
 * const clusters = await clusterFaces(faces, facenet);
 * for (const { members, representative } of clusters) show(members.length, faces[representative]);
 */
export async function clusterFaces(
  faces: readonly ClusterFace[],
  { rule }: { readonly rule: ComparisonRule },
  options: ClusterOptions = {},
): Promise<Cluster[]> {
  const {
    method = 'chinese-whispers',
    neighbours = 'exact',
    known = [],
    cannotLink: pairs = [],
    seed = 1,
    signal,
  } = checkedOptions(options, {
    ...{ method: true, neighbours: true, far: true, known: true, cannotLink: true, seed: true },
  });
  checkMethod(method, neighbours, known);
  const within = thresholdFor(options.far ?? (method === 'chinese-whispers' ? 3e-4 : 1e-3), rule.calibration);
  requireModel(faces, rule.model);
  const embeddings = faces.map((face) => embeddingOf(face, rule));
  const fixed = knownLabels(known, faces.length);
  const cannotLink = cannotLinkSets(
    faces.map(({ photo }) => photo),
    pairs,
  );
  // Loaded on first use: it is as large as all the rest, and most collections are small.
  const label =
    neighbours === 'exact'
      ? labelByAllPairs
      : (await lazyImport(() => import('./label-by-neighbours.ts'))).labelByNeighbours;
  const labels = await label(embeddings, { rule, method, within, known: fixed, cannotLink, seed, signal });
  const qualityOf = (face: number) => faces[face]?.quality?.overall ?? 1;
  const clusters: Cluster[] = [];
  for (const members of groupsOf(labels)) {
    const chosen = await representative(members, embeddings, qualityOf, rule.metric, signal);
    clusters.push({ members, representative: chosen });
  }
  return clusters;
}

/** @throws {FaceNetError} `model-mismatch` if some faces are of other models. */
function requireModel(faces: readonly ClusterFace[], model: string): void {
  const others = faces.filter((face) => face?.model && face.model !== model);
  const [other] = others;
  if (!other) return;
  throw new FaceNetError(
    'model-mismatch',
    `${others.length} of ${faces.length} faces are not of "${model}": embed them with it, or use FaceNet.load({ embedder: "${other.model}" }).`,
  );
}

/** @throws {FaceNetError} `option-invalid` for an unknown method or search, or known clusters that the method cannot use. */
function checkMethod(method: string, neighbours: string, known: readonly Cluster[]): void {
  if (method !== 'chinese-whispers' && method !== 'agglomerative') {
    throw new FaceNetError('option-invalid', `method is "${method}": use "chinese-whispers" or "agglomerative".`);
  }
  if (neighbours !== 'exact' && neighbours !== 'approximate') {
    throw new FaceNetError('option-invalid', `neighbours is "${neighbours}": use "exact" or "approximate".`);
  }
  if (!Array.isArray(known) || !known.every((cluster) => Array.isArray(cluster?.members))) {
    throw new FaceNetError('option-invalid', 'known is not a list of clusters: pass an earlier result.');
  }
  if (method === 'agglomerative' && known.length > 0) {
    throw new FaceNetError('option-invalid', 'known is given with "agglomerative": use "chinese-whispers".');
  }
}

/**
 * The labels of the known faces.
 *
 * @throws {FaceNetError} `option-invalid` unless these are the first faces, each once.
 */
function knownLabels(known: readonly Cluster[], faces: number): number[] {
  const labels: number[] = [];
  known.forEach(({ members }, label) => {
    for (const member of members) labels[member] = label;
  });
  const count = known.reduce((sum, { members }) => sum + members.length, 0);
  if (count !== labels.length || count > faces || Object.keys(labels).length !== count) {
    throw new FaceNetError('option-invalid', 'known does not hold the first faces, each once: pass an earlier result.');
  }
  return labels;
}

/** The members of each label, largest group first; groups of equal size by their first face. */
function groupsOf(labels: readonly number[]): number[][] {
  const byLabel = new Map<number, number[]>();
  labels.forEach((label, face) => {
    const members = byLabel.get(label);
    if (members) members.push(face);
    else byLabel.set(label, [face]);
  });
  return [...byLabel.values()].sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
}
