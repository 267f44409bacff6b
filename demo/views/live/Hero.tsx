import { signal } from '@preact/signals';
import type { EmbeddedFace } from 'facenet-web';
import { useEffect, useRef } from 'preact/hooks';
import { whenLoaded } from '../../app/facenet.ts';
import { inLanguage } from '../../app/language.ts';
import { fetchSample } from '../../app/samples.ts';
import { Faceprint } from '../../ui/Faceprint.tsx';
import { drawMarks } from '../../ui/overlay.ts';
import { en, ko } from './messages.ts';
import { sample, sampleLimits } from './sample.ts';
import { live } from './session.ts';

/** The faces of the photo, from left to right; none until the networks were there to find them. */
const faces = signal<readonly EmbeddedFace[]>([]);

/** A photo with what the page sees in it: the faces, and the 128 numbers that stand for each. */
export function Hero() {
  const t = inLanguage({ en, ko });
  const image = useRef<HTMLImageElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const found = faces.value;

  // Once somebody starts, the networks are theirs.
  const idle = live.value.status !== 'starting';
  useEffect(() => {
    const controller = new AbortController();
    if (idle) void find(controller.signal);
    return () => controller.abort();
  }, [idle]);

  useEffect(() => {
    const canvas = overlay.current;
    if (!canvas) return;
    const draw = () => {
      const width = image.current?.naturalWidth ?? 0;
      drawMarks(
        canvas,
        { width },
        faces.peek().map(({ box }) => ({ box, tone: 'accent' })),
      );
    };
    const observer = new ResizeObserver(draw);
    observer.observe(canvas);
    return () => observer.disconnect();
  }, [found]);

  return (
    <figure class="hero">
      <div class="photo">
        <img ref={image} src={sample.address} alt={t.heroAlt} width="1920" height="1537" />
        <canvas ref={overlay} />
      </div>
      <div class="prints" aria-hidden="true">
        {[0, 1, 2, 3].map((i) => (
          <Faceprint key={i} embedding={found[i]?.embedding} />
        ))}
      </div>
      <figcaption class="small muted">{t.heroCaption}</figcaption>
    </figure>
  );
}

async function find(signal: AbortSignal): Promise<void> {
  if (faces.peek().length > 0) return;
  try {
    const facenet = await whenLoaded();
    const found = await facenet.embed(await fetchSample(sample, signal), { ...sampleLimits, signal });
    faces.value = found.sort((a, b) => a.box.x - b.box.x);
  } catch (error) {
    // The photo stands for itself; a view that was left needs it no more.
    if (!signal.aborted) console.warn(error);
  }
}
