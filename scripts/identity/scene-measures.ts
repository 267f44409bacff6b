import { type TrackingScore, trackingScore } from '../../lib/evaluation/tracking-score.ts';
import type { Scene, SceneFrame } from './scene.ts';

/** The minimum overlap of a true and a tracked box: the bounds of the landmarks of a turned head differ from the drawn ones. */
const minOverlap = 0.4;

/** How the people of a scene were named and tracked. */
export interface SceneMeasures {
  scene: Scene;
  frames: number;
  /** The number of true faces over all frames. */
  faces: number;
  /** The longest time, in milliseconds, and the largest number of frames for which a face had another person's name. */
  longestWrongTime: number;
  longestWrongFrames: number;
  /** The longest time for which a face had the id that another person had first, in milliseconds. */
  longestWrongId: number;
  /** How often the label of a face changed after its first name. */
  changes: number;
  tracking: TrackingScore;
  /** The median times of a frame, in milliseconds: of the networks, and in all. */
  networks: number;
  total: number;
}

/** Measures one scene. */
export function measureScene(scene: Scene, frames: readonly SceneFrame[]): SceneMeasures {
  const shown = frames.map((frame) => shownFaces(frame));
  const owners = new Map<number, string>();
  for (const faces of shown) for (const { id, person } of faces) if (!owners.has(id)) owners.set(id, person);
  const interval = 1000 / scene.fps;
  const wrongNames = longestRun(shown, ({ label, person }) => label !== person && !isStatus(label));
  const wrongIds = longestRun(shown, ({ id, person }) => owners.get(id) !== person);
  return {
    scene,
    frames: frames.length,
    faces: frames.reduce((sum, { truth }) => sum + truth.filter(({ ignored }) => !ignored).length, 0),
    longestWrongTime: wrongNames * interval,
    longestWrongFrames: wrongNames,
    longestWrongId: wrongIds * interval,
    changes: countChanges(shown),
    tracking: trackingScore(frames, { minOverlap }),
    networks: median(frames.map((frame) => frame.networks)),
    total: median(frames.map((frame) => frame.total)),
  };
}

/** A tracked face, and the person who is drawn at its place. */
interface ShownFace {
  id: number;
  label: string;
  person: string;
}

function shownFaces({ truth, tracked }: SceneFrame): ShownFace[] {
  return tracked.flatMap(({ id, box, label }) => {
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    // Of several people at a place, the last one is drawn in front.
    const person = truth.findLast(
      ({ box: b, ignored }) => !ignored && x > b.x && x < b.x + b.width && y > b.y && y < b.y + b.height,
    );
    return person ? [{ id, label, person: person.id }] : [];
  });
}

const isStatus = (label: string) => label === 'undecided' || label === 'unknown';

/** The largest number of consecutive frames in which a condition is true for a face of one person. */
function longestRun(frames: readonly (readonly ShownFace[])[], condition: (face: ShownFace) => boolean): number {
  const runs = new Map<string, number>();
  let longest = 0;
  for (const faces of frames) {
    const people = new Set(faces.filter(condition).map(({ person }) => person));
    for (const person of runs.keys()) if (!people.has(person)) runs.delete(person);
    for (const person of people) runs.set(person, (runs.get(person) ?? 0) + 1);
    longest = Math.max(longest, ...runs.values());
  }
  return longest;
}

/** How often the label of a person changed after its first name. */
function countChanges(frames: readonly (readonly ShownFace[])[]): number {
  const last = new Map<string, string>();
  let changes = 0;
  for (const { label, person } of frames.flat()) {
    const before = last.get(person);
    if (before === undefined && isStatus(label)) continue;
    if (before !== undefined && before !== label) changes++;
    last.set(person, label);
  }
  return changes;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
