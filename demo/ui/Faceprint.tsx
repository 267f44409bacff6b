import './faceprint.css';

interface FaceprintProps {
  /** An embedding of length 1. */
  embedding: Float32Array | undefined;
  /** `up` and `down` show one half only, so that two faces can be laid against each other. */
  side?: 'both' | 'up' | 'down';
}

/** A number of this size, in standard deviations of an embedding's numbers, reaches the edge. */
const reach = 2.6;

/**
 * An embedding drawn as it is: one stroke for each of its numbers, as long as the number is large. It is the demo's mark:
 * this row of strokes is all that is remembered of a face.
 */
export function Faceprint({ embedding, side = 'both' }: FaceprintProps) {
  const count = embedding?.length ?? 128;
  const [top, height] = { both: [-1, 2], up: [-1, 1], down: [0, 1] }[side] as [number, number];
  return (
    <svg
      class="faceprint"
      viewBox={`0 ${top * 32} ${count * 4} ${height * 32}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={strokes(embedding, count, side)} />
    </svg>
  );
}

function strokes(embedding: Float32Array | undefined, count: number, side: FaceprintProps['side']): string {
  // The numbers of a vector of length 1 have a standard deviation of one through the root of their count.
  const scale = (31 * Math.sqrt(count)) / reach;
  return Array.from({ length: count }, (_, i) => {
    const value = Math.max(-31, Math.min(31, (embedding?.[i] ?? 0) * scale));
    const length = Math.max(1, Math.abs(value));
    const x = i * 4 + 2;
    if (side === 'up') return `M${x} 0V${-length}`;
    if (side === 'down') return `M${x} 0V${length}`;
    return `M${x} ${-length}V${length}`;
  }).join('');
}
