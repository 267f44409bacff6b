import { formatNumber, formatProbability } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { setParameters } from '../../app/router.ts';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { Faceprint } from '../../ui/Faceprint.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { type Comparison, comparison, far, farOptions, slots } from './comparison.ts';
import { en, ko } from './messages.ts';

/** The two selected faces side by side, whether they show the same person, and why that may be wrong. */
export function Verdict() {
  const t = localized({ en, ko });
  const result = comparison.value;
  const [left, right] = result?.faces ?? [];
  return (
    <section class="verdict" aria-label={t.verdict} data-verdict={result ? String(result.verdict.same) : 'none'}>
      <div class="crops">
        <FaceCrop crop={left?.crop} label={t.cropOf(t.slots[0])} />
        <FaceCrop crop={right?.crop} label={t.cropOf(t.slots[1])} />
      </div>
      <div class="prints">
        {left && right ? (
          <Faceprint embedding={left.face.embedding} against={right.face.embedding} />
        ) : (
          <p class="small muted">{t.faceprintPending}</p>
        )}
      </div>
      <p class="small muted">{t.faceprintText}</p>
      <div class="outcome" role="status">
        <h2>{result ? t[result.outcome] : t.noVerdict}</h2>
        <p class="muted">{result ? explanation(result) : missingInput()}</p>
      </div>
      {result && result.outcome !== 'poor' && <Scale {...result} />}
      {result && <Caveats {...result} />}
      <p class="strictness" aria-hidden="true">
        {t.far}
      </p>
      <SegmentedControl
        label={t.far}
        options={farOptions.map((value) => ({ value, label: t.oneIn(Number(value)) }))}
        value={far.value}
        onChange={(value) => setParameters({ far: value })}
      />
      <p class="small muted">{t.farText(Number(far.value))}</p>
    </section>
  );
}

/** Why the verdict is what it is: the probability, or why there is none. */
function explanation({ verdict, outcome }: Comparison): string {
  const t = localized({ en, ko });
  if (outcome === 'poor') return t.tooPoor;
  const likelihood = t.likelihood(formatProbability(verdict.probability));
  return outcome === 'unsure' ? `${likelihood}${t.aboveThreshold(Number(far.value))}` : likelihood;
}

/** The distance beside the limit. It does not decide about photos that are too poor to be compared. */
function Scale({ verdict: { distance, threshold }, scaleEnd }: Comparison) {
  const t = localized({ en, ko });
  const position = (value: number) => Math.min(1, value / scaleEnd);
  return (
    <>
      <div
        class="scale"
        style={{ '--distance': position(distance), '--threshold': position(threshold) }}
        aria-hidden="true"
      >
        <span class="limit" />
        <span class="mark" />
      </div>
      <p class="numbers">{t.distanceAndLimit(formatNumber(distance, 2), formatNumber(threshold, 2))}</p>
    </>
  );
}

/** Why the result may be wrong, or why there is none. */
function Caveats({ outcome, caveats }: Comparison) {
  const t = localized({ en, ko });
  const isPoor = outcome === 'poor';
  if (isPoor && caveats.length === 0) return null;
  return (
    <div class="caveats">
      <h3>{isPoor ? t.whyPoor : t.mayBeWrong}</h3>
      <ul>
        {caveats.map(({ photo, caveat }) => (
          <li key={`${photo} ${caveat}`}>
            {photo !== undefined && <strong>{t.slots[photo]}: </strong>}
            {t.caveats[caveat]}
          </li>
        ))}
        {!isPoor && <li>{t.generalCaveat}</li>}
      </ul>
    </div>
  );
}

/** Explains why there is no verdict yet. */
function missingInput(): string {
  const t = localized({ en, ko });
  const states = slots.map(({ state }) => state.value.status);
  if (states.includes('no-face')) return t.faceMissing;
  if (states.includes('failed')) return t.photoUnusable;
  if (states.includes('empty')) return t.photosMissing;
  return t.pending;
}
