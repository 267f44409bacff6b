import { localized } from '../../app/language.ts';
import { lowQualityFaces } from './album.ts';
import { FaceGrid } from './FaceGrid.tsx';
import type { Group } from './groups.ts';
import { en, ko } from './messages.ts';

/** Faces of people who appear only once. */
export function SingleFaces({ groups }: { groups: readonly Group[] }) {
  const t = localized({ en, ko });
  if (groups.length === 0) return null;
  return (
    <section class="single" aria-labelledby="single-title">
      <h2 id="single-title">{t.single}</h2>
      <p class="small muted">{t.singleText}</p>
      <FaceGrid label={t.single} members={groups.map(({ cover }) => cover)} />
    </section>
  );
}

/** Faces whose quality is too low for grouping. */
export function LowQualityFaces() {
  const t = localized({ en, ko });
  if (lowQualityFaces.value.length === 0) return null;
  return (
    <section class="low-quality" aria-labelledby="low-quality-title">
      <h2 id="low-quality-title">{t.lowQuality}</h2>
      <p class="small muted">{t.lowQualityText}</p>
      <FaceGrid label={t.lowQuality} members={lowQualityFaces.value} />
    </section>
  );
}
