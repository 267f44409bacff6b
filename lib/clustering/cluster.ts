import { thresholdFor } from '../comparison/calibration.ts';
import { type ComparisonRule, embeddingOf, type LabelledEmbedding } from '../comparison/compare.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable } from '../core/types.ts';
import { agglomerative } from './agglomerative.ts';
import { chineseWhispers } from './chinese-whispers.ts';
import { linked } from './graph.ts';
import { representative } from './representative.ts';

/** A face as clustering takes it: every face that `embed()` returns is one. */
export interface ClusterFace extends LabelledEmbedding {
  /** How good the face is to recognise, 0 to 1 in `overall`, where that is known. */
  quality?: { overall: number } | undefined;
}

/** What {@link clusterFaces} can be told. */
export interface ClusterOptions extends Abortable {
  /**
   * `chinese-whispers` (the default) is linear in the links, once every pair of faces has been compared to find them, and takes
   * in new faces; `agglomerative` (average linkage) weighs whole clusters against each other, and takes memory too that grows
   * with the square.
   */
  method?: 'chinese-whispers' | 'agglomerative';
  /**
   * The false-accept rate by whose threshold two faces, or the means of two clusters, are taken for one person. Default:
   * 0.0003 for Chinese Whispers, 0.001 for average linkage, which do best on half of the people of LFW that were
   * looked at, and nearly best on the other half (docs/clustering.md). Less is right for large piles, in which there are more strangers.
   */
  far?: number;
  /** Clusters of an earlier call, for the first faces: they stay as they are, and new faces join. Chinese Whispers only. */
  known?: readonly Cluster[];
  /** Decides the order of Chinese Whispers; the same seed gives the same clusters. Default: 1. */
  seed?: number;
}

/** The faces of one person, as far as likeness can tell. */
export interface Cluster {
  /** Their numbers in the list of faces, ascending. */
  members: number[];
  /** The number of the face that stands best for them: the medoid by quality. */
  representative: number;
}

/**
 * Groups the faces of unknown people.
 *
 * @param faces of one model, in any order.
 * @param rule how they are compared: `facenet` or its `rule`.
 * @returns the clusters, largest first; every face is in one, and many are alone in theirs.
 * @throws {FaceNetError} `model-mismatch` or `option-invalid`.
 */
export async function clusterFaces(
  faces: readonly ClusterFace[],
  { rule }: { readonly rule: ComparisonRule },
  options: ClusterOptions = {},
): Promise<Cluster[]> {
  const { method = 'chinese-whispers', known = [], seed = 1, signal } = checkedOptions(options);
  const whispers = method === 'chinese-whispers';
  if (!whispers && method !== 'agglomerative') {
    throw new FaceNetError('option-invalid', `method is "${method}": use "chinese-whispers" or "agglomerative".`);
  }
  if (!Array.isArray(known) || !known.every((cluster) => Array.isArray(cluster?.members))) {
    throw new FaceNetError('option-invalid', 'known are no clusters: pass an earlier answer as it is.');
  }
  if (!whispers && known.length > 0) {
    throw new FaceNetError('option-invalid', 'known clusters can only be added to by "chinese-whispers".');
  }
  const within = thresholdFor(options.far ?? (whispers ? 3e-4 : 1e-3), rule.calibration);
  const embeddings = faces.map((face) => embeddingOf(face, rule));
  const before = knownLabels(known, faces.length);
  const labels = whispers
    ? chineseWhispers(await linked(embeddings, within, rule.metric, before.length, signal), within, before, seed)
    : await agglomerative(embeddings, within, rule.metric, signal);
  const qualityOf = (face: number) => faces[face]?.quality?.overall ?? 1;
  return groups(labels).map((members) => ({
    members,
    representative: representative(members, embeddings, qualityOf, rule.metric),
  }));
}

/** The label of each face that has a cluster already. @throws {FaceNetError} `option-invalid` unless those are the first. */
function knownLabels(known: readonly Cluster[], faces: number): number[] {
  const labels: number[] = [];
  known.forEach(({ members }, label) => {
    for (const member of members) labels[member] = label;
  });
  const count = known.reduce((sum, { members }) => sum + members.length, 0);
  if (count !== labels.length || count > faces || Object.keys(labels).length !== count) {
    throw new FaceNetError(
      'option-invalid',
      'known must hold each of the first faces once: pass an earlier answer as it is.',
    );
  }
  return labels;
}

/** The members of each label, largest group first, and of two of one size that with the earlier face. */
function groups(labels: readonly number[]): number[][] {
  const byLabel = new Map<number, number[]>();
  labels.forEach((label, face) => {
    const members = byLabel.get(label);
    if (members) members.push(face);
    else byLabel.set(label, [face]);
  });
  return [...byLabel.values()].sort((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number));
}
