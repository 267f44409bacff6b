import { useMemo, useRef, useState } from 'preact/hooks';
import { formatNumber } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { FaceCrop } from '../../ui/FaceCrop.tsx';
import { en, ko } from './messages.ts';
import { neighbourInDirection, type PlotPosition } from './plot-layout.ts';

/** A face in the plot. */
export interface PlottedFace {
  /** An identifier shared by all faces of a person. */
  person: string;
  /** The person's display name. */
  label: string;
  crop: Blob;
  /** The nearest other face in the embedding space. */
  nearest?: { label: string; distance: number } | undefined;
}

/** A line between two faces, by their indices. */
export interface PlotLine {
  from: number;
  to: number;
  kind: 'positive' | 'negative';
}

interface EmbeddingPlotProps {
  label: string;
  faces: readonly PlottedFace[];
  positions: readonly PlotPosition[];
  lines?: readonly PlotLine[];
}

/** The maximum number of faces to show as large and as small pictures. More are shown as dots. */
const maxPictures = { large: 60, small: 160 };

/** The plot's width divided by its height. */
export const plotAspect = 1.6;

/** A scatter plot of faces. One of them is in the tab order, and the arrow keys move to the others. */
export function EmbeddingPlot({ label, faces, positions, lines = [] }: EmbeddingPlotProps) {
  const t = localized({ en, ko });
  const [current, setCurrent] = useState(0);
  const [inspected, setInspected] = useState<number>();
  const plot = useRef<HTMLDivElement>(null);
  const hues = useMemo(() => huesOf(faces), [faces]);
  const pictures = faces.length <= maxPictures.small;
  const pointClass = pictures ? `picture ${faces.length > maxPictures.large ? 'small' : ''}` : '';
  const onKeyDown = (event: KeyboardEvent) => {
    const next = neighbourInDirection(event.key, positions, current);
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
    plot.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div class="embedding-plot">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls. */}
      <div class="plot-area" role="group" aria-label={label} ref={plot} onKeyDown={onKeyDown}>
        <PlotLines lines={lines} positions={positions} />
        {faces.map(({ label, crop, person }, i) => {
          const position = positions[i] ?? { x: 0.5, y: 0.5 };
          return (
            <button
              key={i}
              type="button"
              class={`point ${pointClass}`}
              style={{ '--x': position.x, '--y': position.y, '--hue-shift': hues.get(person) ?? 0 }}
              tabIndex={i === Math.min(current, faces.length - 1) ? 0 : -1}
              aria-label={t.pointLabel(label, i + 1)}
              onFocus={() => {
                setCurrent(i);
                setInspected(i);
              }}
              onPointerEnter={() => setInspected(i)}
            >
              {pictures && <FaceCrop crop={crop} label="" />}
            </button>
          );
        })}
      </div>
      <InspectedFace face={inspected === undefined ? undefined : faces[inspected]} />
    </div>
  );
}

function PlotLines({ lines, positions }: { lines: readonly PlotLine[]; positions: readonly PlotPosition[] }) {
  return (
    <svg class="plot-lines" viewBox={`0 0 ${plotAspect} 1`} preserveAspectRatio="none" aria-hidden="true">
      {lines.map(({ from, to, kind }) => {
        const [a, b] = [positions[from], positions[to]];
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
  );
}

/** The face that the pointer or the focus is on, or how to use the plot. */
function InspectedFace({ face }: { face: PlottedFace | undefined }) {
  const t = localized({ en, ko });
  return (
    <div class="plot-inspected" aria-live="polite">
      {face ? (
        <>
          <FaceCrop crop={face.crop} label="" />
          <p class="inspected-text">
            <strong>{face.label}</strong>
            {face.nearest && (
              <span class="small muted">{t.nearest(face.nearest.label, formatNumber(face.nearest.distance, 2))}</span>
            )}
          </p>
        </>
      ) : (
        <p class="small muted">{isTouch ? t.plotHelpTouch : t.plotHelp}</p>
      )}
    </div>
  );
}

/** A hue shift per person, in degrees. Steps of the golden angle keep consecutive people distinct. */
function huesOf(faces: readonly PlottedFace[]): Map<string, number> {
  const hues = new Map<string, number>();
  for (const { person } of faces) if (!hues.has(person)) hues.set(person, (hues.size * 137.5) % 360);
  return hues;
}
