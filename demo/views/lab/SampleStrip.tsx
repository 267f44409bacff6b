import { localized } from '../../app/language.ts';
import { type Sample, samples } from '../../app/samples.ts';
import { en, ko } from './messages.ts';

/** The sample photos, each a button. */
export function SampleStrip({ onChoose }: { onChoose: (sample: Sample) => void }) {
  const t = localized({ en, ko });
  return (
    <ul class="sample-strip" aria-label={t.samples}>
      {samples.map((sample) => (
        <li key={sample.url}>
          <button type="button" aria-label={t.sample(sample.number)} onClick={() => onChoose(sample)}>
            <img src={sample.url} alt="" width={160} height={120} loading="lazy" decoding="async" />
          </button>
        </li>
      ))}
    </ul>
  );
}
