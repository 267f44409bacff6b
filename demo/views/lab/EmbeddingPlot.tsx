import { useMemo, useRef, useState } from 'preact/hooks';
import { formatNumber } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { en, ko } from './messages.ts';
import { neighbourInDirection, type Place } from './plot-layout.ts';

/** A face in the plot. */
export interface PlottedFace {
  /** Whose it is. */
  person: string;
  /** What the person is called. */
  label: string;
  crop: Blob;
  /** The nearest other face in the full space, where that is known. */
  nearest?: { label: string; distance: number } | undefined;
}

/** A line between two faces. */
export interface PlotLine {
  from: number;
  to: number;
  kind: 'positive' | 'negative';
}

interface EmbeddingPlotProps {
  label: string;
  faces: readonly PlottedFace[];
  places: readonly Place[];
  lines?: readonly PlotLine[];
}

/** Up to so many faces are pictures of a size that one recognises, up to so many small ones, and above that dots. */
const mostPictures = { large: 60, small: 160 };

/** Width through height. */
export const plotAspect = 1.6;

/** Faces where their embeddings lie in a plane. One takes the focus, and the arrow keys lead to the others. */
export function EmbeddingPlot({ label, faces, places, lines = [] }: EmbeddingPlotProps) {
  const t = localized({ en, ko });
  const [current, setCurrent] = useState(0);
  const [looked, setLooked] = useState<number>();
  const plot = useRef<HTMLDivElement>(null);
  const turns = useMemo(() => turnsOf(faces), [faces]);
  const pictures = faces.length <= mostPictures.small;
  const look = pictures ? `picture ${faces.length > mostPictures.large ? 'small' : ''}` : '';
  const shown = looked === undefined ? undefined : faces[looked];
  const onKeyDown = (event: KeyboardEvent) => {
    const next = neighbourInDirection(event.key, places, current);
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
    plot.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div class="embedding-plot">
      {/* biome-ignore lint/a11y/useSemanticElements: no fieldset: nothing is filled in here. */}
      <div class="plot-area" role="group" aria-label={label} ref={plot} onKeyDown={onKeyDown}>
        <svg class="plot-lines" viewBox={`0 0 ${plotAspect} 1`} preserveAspectRatio="none" aria-hidden="true">
          {lines.map(({ from, to, kind }) => {
            const [a, b] = [places[from], places[to]];
            if (!a || !b) return null;
            return (
              <line
                key={`${from} ${to} ${kind}`}
                class={kind}
                x1={a.x * plotAspect}
                y1={a.y}
                x2={b.x * plotAspect}
                y2={b.y}
                vector-effect="non-scaling-stroke"
              />
            );
          })}
        </svg>
        {faces.map(({ label, crop, person }, i) => {
          const place = places[i] ?? { x: 0.5, y: 0.5 };
          return (
            <button
              key={i}
              type="button"
              class={`point ${look}`}
              style={{ '--x': place.x, '--y': place.y, '--turn': turns.get(person) ?? 0 }}
              tabIndex={i === Math.min(current, faces.length - 1) ? 0 : -1}
              aria-label={t.pointLabel(label, i + 1)}
              onFocus={() => {
                setCurrent(i);
                setLooked(i);
              }}
              onPointerEnter={() => setLooked(i)}
            >
              {pictures && <FaceCrop crop={crop} label="" />}
            </button>
          );
        })}
      </div>
      <div class="plot-looked" aria-live="polite">
        {shown ? (
          <>
            <FaceCrop crop={shown.crop} label="" />
            <p class="looked-text">
              <strong>{shown.label}</strong>
              {shown.nearest && (
                <span class="small muted">
                  {t.nearest(shown.nearest.label, formatNumber(shown.nearest.distance, 2))}
                </span>
              )}
            </p>
          </>
        ) : (
          <p class="small muted">{t.plotHelp}</p>
        )}
      </div>
    </div>
  );
}

/** A turn of the hue for each person; by the golden angle neighbours in the list are far apart. */
function turnsOf(faces: readonly PlottedFace[]): Map<string, number> {
  const turns = new Map<string, number>();
  for (const { person } of faces) if (!turns.has(person)) turns.set(person, (turns.size * 137.5) % 360);
  return turns;
}
