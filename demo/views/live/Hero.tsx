import { signal } from '@preact/signals';
import type { EmbeddedFace } from 'facenet-web';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { facenetState, loadedFaceNet } from '../../app/facenet.ts';
import { localized } from '../../app/language.ts';
import { fetchSample } from '../../app/samples.ts';
import { Faceprint } from '../../ui/Faceprint.tsx';
import { useFaceOverlay } from '../../ui/use-face-overlay.ts';
import { en, ko } from './messages.ts';
import { sample, sampleDetectOptions } from './sample-photo.ts';
import { live } from './session.ts';

/** The faces of the photo, from left to right. Empty until the models are loaded. */
const faces = signal<readonly EmbeddedFace[]>([]);

/** A sample photo with its faces marked, and the embedding of each drawn below. */
export function Hero() {
  const t = localized({ en, ko });
  const image = useRef<HTMLImageElement>(null);
  const found = faces.value;
  const marks = useMemo(() => found.map(({ box }) => ({ box, emphasised: true })), [found]);
  useFaceOverlay(image, marks);

  // Once a video starts, leave the models to it.
  const idle = live.value.status !== 'starting';
  useEffect(() => {
    const controller = new AbortController();
    if (idle) void findFaces(controller.signal);
    return () => controller.abort();
  }, [idle]);

  return (
    <figure class="hero">
      <div class="photo">
        <img ref={image} src={sample.url} alt={t.heroAlt} width="1200" height="500" />
      </div>
      {facenetState.value.status !== 'failed' && (
        <>
          <div class="prints" aria-hidden="true">
            {[0, 1, 2].map((i) => (
              <Faceprint key={i} embedding={found[i]?.embedding} />
            ))}
          </div>
          <figcaption class="small muted">{t.heroCaption}</figcaption>
        </>
      )}
    </figure>
  );
}

async function findFaces(signal: AbortSignal): Promise<void> {
  if (faces.peek().length > 0) return;
  try {
    const facenet = await loadedFaceNet();
    const found = await facenet.embed(await fetchSample(sample, signal), { ...sampleDetectOptions, signal });
    faces.value = found.sort((a, b) => a.box.x - b.box.x);
  } catch (error) {
    // The marks are optional: without them the photo is still shown.
    if (!signal.aborted) console.warn(error);
  }
}
