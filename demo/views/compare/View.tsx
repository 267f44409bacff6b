import { effect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { facenetState } from '../../app/facenet.ts';
import { inLanguage } from '../../app/language.ts';
import { route } from '../../app/router.ts';
import { samples } from '../../app/samples.ts';
import { chooseNearest, slots } from './comparison.ts';
import { en, ko } from './messages.ts';
import { PhotoSlot } from './PhotoSlot.tsx';
import { Verdict } from './Verdict.tsx';
import './compare.css';

/** Whether two photos show the same person. */
export function View() {
  const t = inLanguage({ en, ko });
  useEffect(open, []);
  return (
    <section class="compare view" aria-labelledby="view-title">
      <div class="intro">
        <h1 id="view-title">{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <div class="comparison">
        <PhotoSlot slot={slots[0]} name={t.slots[0]} />
        <Verdict />
        <PhotoSlot slot={slots[1]} name={t.slots[1]} />
      </div>
    </section>
  );
}

/** Shows two sample photos, those that the address names as in `#/compare?a=1&b=3` or else the first that match. */
function open(): () => void {
  const { parameters } = route.peek();
  for (const [i, [name, otherwise]] of (
    [
      ['a', 1],
      ['b', 3],
    ] as const
  ).entries()) {
    const number = Number(parameters.get(name) ?? otherwise);
    const sample = samples.find((one) => one.number === number);
    if (sample) void slots[i as 0 | 1].takeSample(sample);
  }
  const stopChoosing = effect(() => {
    const ready = slots.every(({ state }) => state.value.status === 'ready');
    const network = facenetState.value;
    if (ready && network.status === 'ready') queueMicrotask(() => chooseNearest(network.facenet));
  });
  document.addEventListener('paste', paste);
  return () => {
    stopChoosing();
    document.removeEventListener('paste', paste);
    for (const slot of slots) slot.close();
  };
}

/** A pasted picture goes to the place that the user is at: by focus, else by pointer, else the first. */
function paste(event: ClipboardEvent): void {
  const photo = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
  if (!photo) return;
  event.preventDefault();
  const places = [...document.querySelectorAll('.compare .slot')];
  const focused = places.findIndex((place) => place.contains(document.activeElement));
  const hovered = places.findIndex((place) => place.matches(':hover'));
  const here = focused >= 0 ? focused : Math.max(0, hovered);
  void slots[here as 0 | 1].takePhoto(photo);
}
