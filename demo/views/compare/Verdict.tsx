import { figure, percentage } from '../../app/format.ts';
import { inLanguage } from '../../app/language.ts';
import { setParameters } from '../../app/router.ts';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { Faceprint } from '../../ui/Faceprint.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { type Comparison, comparison, rate, rates, slots } from './comparison.ts';
import { en, ko } from './messages.ts';

/** The two faces side by side, what is thought of them, and why that may be wrong. */
export function Verdict() {
  const t = inLanguage({ en, ko });
  const found = comparison.value;
  const [left, right] = found?.faces ?? [];
  return (
    <section class="verdict" aria-label={t.verdict} data-verdict={found ? String(found.verdict.same) : 'none'}>
      <div class="crops">
        <FaceCrop crop={left?.crop} label={t.cropOf(t.slots[0])} />
        <FaceCrop crop={right?.crop} label={t.cropOf(t.slots[1])} />
      </div>
      <Faceprint embedding={left?.face.embedding} against={right?.face.embedding} />
      <div class="ruling" role="status">
        <h2>{found ? t[opinionOn(found)] : t.noVerdict}</h2>
        <p class="muted">
          {found ? t.likely(percentage(found.verdict.probability)) : whyNone()}
          {found && opinionOn(found) === 'unsure' && t.notStrictly(Number(rate.value))}
        </p>
      </div>
      {found && <Details {...found} />}
      <Segmented
        label={t.rate}
        options={rates.map((value) => ({ value, label: t.oneIn(Number(value)) }))}
        value={rate.value}
        onChange={(far) => setParameters({ far })}
      />
      <p class="small muted">{t.rateText(Number(rate.value))}</p>
    </section>
  );
}

/** Beyond the threshold two faces may still be likelier one person's than not: then it is not said that they are two. */
function opinionOn({ verdict: { same, probability } }: Comparison): 'same' | 'different' | 'unsure' {
  if (same) return 'same';
  return probability < 0.5 ? 'different' : 'unsure';
}

function Details({ verdict: { distance, threshold, same }, scaleEnd, doubts }: Comparison) {
  const t = inLanguage({ en, ko });
  const at = (value: number) => Math.min(1, value / scaleEnd);
  return (
    <>
      <div class="scale" style={{ '--distance': at(distance), '--threshold': at(threshold) }} aria-hidden="true">
        <span class="limit" />
        <span class="mark" />
      </div>
      <dl class="numbers">
        <div>
          <dt>{t.distance}</dt>
          <dd>{figure(distance, 3)}</dd>
        </div>
        <div>
          <dt>{t.threshold}</dt>
          <dd>
            {same ? '≤ ' : '> '}
            {figure(threshold, 3)}
          </dd>
        </div>
      </dl>
      <div class="doubts">
        <h3>{t.mayBeWrong}</h3>
        <ul>
          {doubts.map(({ photo, doubt }) => (
            <li key={`${photo} ${doubt}`}>
              {photo !== undefined && <strong>{t.slots[photo]}: </strong>}
              {t.doubts[doubt]}
            </li>
          ))}
          <li>{t.alwaysDoubt}</li>
        </ul>
      </div>
    </>
  );
}

/** What is missing for a verdict. */
function whyNone(): string {
  const t = inLanguage({ en, ko });
  const states = slots.map(({ state }) => state.value.status);
  if (states.includes('faceless')) return t.needsFaces;
  if (states.includes('failed')) return t.needsPhoto;
  if (states.includes('empty')) return t.needsPhotos;
  return t.soon;
}
