import mean from './mean-embedding.json';
import './faceprint.css';

interface FaceprintProps {
  /** An embedding of length 1. Undefined while there is none. */
  embedding: Float32Array | undefined;
  /** A second embedding, drawn next to the first component by component. */
  against?: Float32Array | undefined;
}

/** The component, in standard deviations, at which a stroke reaches the edge. */
const maxDeviation = 2.6;

/** The width per component, and the height on either side of the axis, in units of the view box. */
const pitch = 5;
const half = 32;

/**
 * Draws an embedding as a row of strokes, one per component: upwards if it is positive, downwards if negative, with a length
 * proportional to its magnitude. What all faces have in common is subtracted, because it would make all of them look alike.
 */
export function Faceprint({ embedding, against }: FaceprintProps) {
  const count = embedding?.length ?? against?.length ?? 192;
  return (
    <svg
      class="faceprint"
      viewBox={`0 ${-half} ${count * pitch} ${2 * half}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={strokes(embedding, count, 1.5)} />
      {against && <path class="against" d={strokes(against, count, 3.5)} />}
    </svg>
  );
}

/** @param offset the stroke's horizontal position within the width of its component. */
function strokes(embedding: Float32Array | undefined, count: number, offset: number): string {
  const shown = embedding && withoutMean(embedding);
  // The components of a unit vector have a standard deviation of about 1 / √count.
  const scale = ((half - 1) * Math.sqrt(count)) / maxDeviation;
  return Array.from({ length: count }, (_, i) => {
    const value = Math.max(1 - half, Math.min(half - 1, (shown?.[i] ?? 0) * scale));
    return `M${i * pitch + offset} 1V${(-value).toFixed(1)}`;
  }).join('');
}

/** An embedding without the mean of many people (scripts/mean-embedding), of length 1. Unchanged if the mean is of another embedder. */
function withoutMean(embedding: Float32Array): Float32Array {
  if (embedding.length !== mean.elements.length) return embedding;
  const difference = embedding.map((value, i) => value - (mean.elements[i] as number));
  const length = Math.hypot(...difference);
  return difference.map((value) => value / length);
}
