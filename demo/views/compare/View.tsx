import { effect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { facenetState } from '../../app/facenet.ts';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { route } from '../../app/router.ts';
import { samples } from '../../app/samples.ts';
import { CodeSample } from '../../ui/CodeSample.tsx';
import { selectMostSimilar, slots } from './comparison.ts';
import { en, ko } from './messages.ts';
import { PhotoSlot } from './PhotoSlot.tsx';
import { Verdict } from './Verdict.tsx';
import './compare.css';

/** Compares a face in one photo with a face in another. */
export function View() {
  const t = localized({ en, ko });
  useEffect(open, []);
  return (
    <section class="compare view" aria-labelledby="view-title">
      <div class="intro">
        <h1 id="view-title">{t.title}</h1>
        <p class="lead">{isTouch ? t.leadTouch : t.lead}</p>
      </div>
      <div class="comparison">
        <PhotoSlot slot={slots[0]} name={t.slots[0]} />
        <Verdict />
        <PhotoSlot slot={slots[1]} name={t.slots[1]} />
      </div>
      <CodeSample view="compare" />
    </section>
  );
}

/** Opens the two sample photos of the URL, as in `#/compare?a=3&b=4`. The default pair shows one man in two photos. */
function open(): () => void {
  const { parameters } = route.peek();
  for (const [i, [name, defaultNumber]] of (
    [
      ['a', 3],
      ['b', 4],
    ] as const
  ).entries()) {
    const number = Number(parameters.get(name) ?? defaultNumber);
    const sample = samples.find((sample) => sample.number === number);
    if (sample) void slots[i as 0 | 1].openSample(sample);
  }
  const stopEffect = effect(() => {
    const ready = slots.every(({ state }) => state.value.status === 'ready');
    const network = facenetState.value;
    if (ready && network.status === 'ready') queueMicrotask(() => selectMostSimilar(network.facenet));
  });
  document.addEventListener('paste', paste);
  return () => {
    stopEffect();
    document.removeEventListener('paste', paste);
    for (const slot of slots) slot.close();
  };
}

/** Puts a pasted image into the slot that has the focus, otherwise the one under the pointer, otherwise the first. */
function paste(event: ClipboardEvent): void {
  const photo = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
  if (!photo) return;
  event.preventDefault();
  const elements = [...document.querySelectorAll('.compare .slot')];
  const focused = elements.findIndex((element) => element.contains(document.activeElement));
  const hovered = elements.findIndex((element) => element.matches(':hover'));
  const index = focused >= 0 ? focused : Math.max(0, hovered);
  void slots[index as 0 | 1].openPhoto(photo);
}
