import { formatNumber, formatShare } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { chosenFace } from './live-options.ts';
import { en, ko } from './messages.ts';

const degrees = (radians: number) => `${formatNumber((radians * 180) / Math.PI, 0)}°`;

/** The quality and the pose of the chosen face, in its best picture so far. */
export function FaceDetails() {
  const t = localized({ en, ko });
  const face = chosenFace.value;
  const quality = face?.trackEmbedding?.quality;
  if (!face || !quality) return <p class="small muted">{t.noDetails}</p>;
  const figures = [
    [t.quality, formatShare(quality.overall)],
    [t.yaw, degrees(quality.yaw)],
    [t.pitch, degrees(quality.pitch)],
    [t.roll, degrees(face.roll)],
    [t.eyeDistance, `${formatNumber(quality.eyeDistance, 0)} px`],
    [t.faceScore, formatShare(face.score)],
  ] as const;
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
