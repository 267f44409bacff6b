import type { FaceNet } from 'facenet-web';
import { galleryState } from '../../app/gallery.ts';
import { faces, grouping, minQuality } from './album.ts';
import { clusterInWorker } from './clustering.ts';
import type { PhotoFace } from './embed-photos.ts';
import { regrouped, renamed, toKnownClusters } from './groups.ts';

/**
 * Groups the faces of the album by person and names the groups that the gallery recognises.
 *
 * @param mode `rebuild` clusters all faces from scratch, which is the most accurate. `extend` keeps the existing groups and
 * adds new faces to them.
 */
export async function groupFaces(facenet: FaceNet, mode: 'rebuild' | 'extend'): Promise<void> {
  const before = grouping.peek();
  const all = faces.peek();
  const good = all.flatMap(({ quality }, i) => (quality.overall >= minQuality ? [i] : []));
  const { order, known } = mode === 'rebuild' ? { order: good, known: [] } : toKnownClusters(before, good);
  if (order.length === 0) return;
  const clusters = await clusterInWorker(
    order.map((face) => all[face] as PhotoFace),
    facenet.rule,
    known,
  );
  // The user has edited the groups meanwhile: discard the result and add the new faces to the edited groups.
  if (grouping.peek() !== before) return groupFaces(facenet, 'extend');
  const toAlbumIndex = (index: number) => order[index] as number;
  grouping.value = regrouped(
    before,
    clusters.map(({ members, representative }) => ({
      members: members.map(toAlbumIndex).sort((a, b) => a - b),
      representative: toAlbumIndex(representative),
    })),
  );
  await nameKnownGroups();
}

/** Names unnamed groups whose cover face the gallery recognises. */
async function nameKnownGroups(): Promise<void> {
  const state = galleryState.peek();
  if (state.status !== 'open' || state.gallery.locked) return;
  for (const { id, name, cover } of grouping.peek().groups) {
    const face = faces.peek()[cover];
    if (name || !face) continue;
    const { match } = await state.gallery.identify(face);
    if (match) grouping.value = renamed(grouping.peek(), id, match.person.name);
  }
}
