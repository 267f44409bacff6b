import type { FaceNet, Verdict } from 'facenet-web';
import { byId } from './dom.ts';
import { showError } from './messages.ts';
import { PhotoSlot, type SlotState, takePastedPhotos } from './photos.ts';
import { samples } from './samples.ts';

/** Fills the comparison: two photos, the two crops, and the verdict about them. */
export function setUpComparison(facenet: Promise<FaceNet>): void {
  const roots = [byId('first-photo', HTMLElement), byId('second-photo', HTMLElement)] as const;
  const update = () => void showComparison(facenet, first.state, second.state);
  const first = new PhotoSlot(roots[0], 'First photo', facenet, update);
  const second = new PhotoSlot(roots[1], 'Second photo', facenet, update);
  takePastedPhotos([
    { root: roots[0], slot: first },
    { root: roots[1], slot: second },
  ]);
  // Someone who only looks sees what this is about without a click.
  const [, , third, , , sixth] = samples;
  if (third) void first.showSample(third);
  if (sixth) void second.showSample(sixth);
}

async function showComparison(loading: Promise<FaceNet>, first: SlotState, second: SlotState): Promise<void> {
  showCrop(byId('first-crop', HTMLCanvasElement), 'first photo', first);
  showCrop(byId('second-crop', HTMLCanvasElement), 'second photo', second);
  if (first.kind === 'ready' && second.kind === 'ready') {
    const facenet = await loading;
    try {
      showVerdict(facenet.compare(first.face, second.face));
    } catch (error) {
      showNoVerdict('No verdict', '');
      showError(byId('verdict-detail', HTMLElement), error);
    }
  } else {
    const [headline, detail] = whyNoVerdict(first, second);
    showNoVerdict(headline, detail);
  }
}

function showCrop(canvas: HTMLCanvasElement, photo: string, state: SlotState): void {
  canvas.dataset.filled = String(state.kind === 'ready');
  if (state.kind === 'ready') {
    canvas.width = state.crop.width;
    canvas.height = state.crop.height;
    canvas.getContext('2d')?.putImageData(state.crop, 0, 0);
    canvas.ariaLabel = `The face from the ${photo}, upright and cropped`;
  } else {
    canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height);
    canvas.ariaLabel = `No face from the ${photo} yet`;
  }
}

function showVerdict({ same, probability, distance, threshold }: Verdict): void {
  const figures = `${likelihood(probability)} The distance is ${distance.toFixed(2)}, ${same ? 'within' : 'beyond'} the threshold of ${threshold.toFixed(2)}.`;
  show(same ? 'same' : 'different', same ? 'Same person' : 'Different people', figures);
  const scale = byId('scale', HTMLElement);
  scale.hidden = false;
  // The threshold stands in the middle; what is further than twice as far stands at the end.
  scale.style.setProperty('--distance', String(Math.min(distance / (2 * threshold), 1)));
  byId('scale-limit', HTMLElement).textContent = `threshold ${threshold.toFixed(2)}`;
}

/** A probability in words; beyond a thousandth the calibration has too few photos to tell. */
function likelihood(probability: number): string {
  const percent = 100 * probability;
  if (percent > 99.9) return 'More than 99.9 % likely one person.';
  if (percent < 0.1) return 'Less than 0.1 % likely one person.';
  return `${percent.toFixed(percent > 99 || percent < 1 ? 1 : 0)} % likely one person.`;
}

function showNoVerdict(headline: string, detail: string): void {
  show('none', headline, detail);
  byId('scale', HTMLElement).hidden = true;
}

function show(verdict: 'same' | 'different' | 'none', headline: string, detail: string): void {
  byId('verdict', HTMLElement).dataset.verdict = verdict;
  // Writing the same text again would make screen readers say it again.
  for (const [id, text] of [
    ['verdict-headline', headline],
    ['verdict-detail', detail],
  ] as const) {
    const place = byId(id, HTMLElement);
    if (place.textContent !== text) place.textContent = text;
  }
}

function whyNoVerdict(first: SlotState, second: SlotState): [headline: string, detail: string] {
  const named = [
    { name: 'first photo', kind: first.kind },
    { name: 'second photo', kind: second.kind },
  ];
  const faceless = named.filter(({ kind }) => kind === 'no-face');
  if (faceless.length === 2)
    return ['No face to compare', 'Neither photo shows a face that could be found. Try others.'];
  if (faceless[0])
    return ['No face to compare', `No face was found in the ${faceless[0].name}. Try another one there.`];
  const failed = named.find(({ kind }) => kind === 'failed');
  if (failed) return ['No verdict', `The ${failed.name} could not be used: its line below the photo says why.`];
  const empty = named.find(({ kind }) => kind === 'empty');
  if (empty) return ['Two photos, please', `Choose a ${empty.name} to compare.`];
  return ['Just a moment', 'The verdict follows as soon as both faces are found.'];
}
