import './faceprint.css';

interface FaceprintProps {
  /** An embedding of length 1; undefined while there is none. */
  embedding: Float32Array | undefined;
  /** Another one, to be laid beside it stroke by stroke. */
  against?: Float32Array | undefined;
}

/** A number of this size, in standard deviations of an embedding's numbers, reaches the edge. */
const reach = 2.6;

/** The room for a number, across, and on either side of the axis. */
const pitch = 5;
const half = 32;

/**
 * An embedding drawn as it is: one stroke for each of its numbers, up for a positive and down for a negative one, as long as
 * the number is large. It is the demo's mark: this row of strokes is all that recognition needs of a face.
 */
export function Faceprint({ embedding, against }: FaceprintProps) {
  const count = embedding?.length ?? against?.length ?? 128;
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

/** @param offset where in its room a stroke stands. */
function strokes(embedding: Float32Array | undefined, count: number, offset: number): string {
  // The numbers of a vector of length 1 have a standard deviation of one through the root of their count.
  const scale = ((half - 1) * Math.sqrt(count)) / reach;
  return Array.from({ length: count }, (_, i) => {
    const value = Math.max(1 - half, Math.min(half - 1, (embedding?.[i] ?? 0) * scale));
    return `M${i * pitch + offset} 1V${(-value).toFixed(1)}`;
  }).join('');
}
