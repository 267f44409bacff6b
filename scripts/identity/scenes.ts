import type { Subject } from './page.ts';
import type { Scene, SceneActor, SceneFace } from './scene.ts';

const size = { width: 640, height: 480 };
const sway = { amplitude: 12, period: 2500 };

/** When the picture is cut, and when a scene with a cut ends, in milliseconds. */
const cutAt = 3000;
const cutEnd = 5500;

/** The enrolled faces, the largest first. */
export function sceneSubjects(subjects: readonly Subject[]): Omit<SceneFace, 'bounds'>[] {
  return subjects
    .flatMap(({ name, face }) => (name === undefined ? [] : [{ name, ...face }]))
    .sort((a, b) => b.box.width - a.box.width);
}

/** A face that stays at a place. */
function still(face: SceneFace, x: number, y: number, side: number, more: Partial<SceneActor> = {}): SceneActor {
  return { face, size: side, path: [{ time: 0, x, y }], sway, ...more };
}

/** The places of up to six people in a frame of 640 × 480 pixels. */
export function place(i: number): [x: number, y: number] {
  return [110 + 210 * (i % 3), 130 + 220 * Math.floor(i / 3)];
}

/** A cut from some people to others at the same places. */
function cut(name: string, fps: number, before: readonly SceneFace[], after: readonly SceneFace[]): Scene {
  const side = before.length > 1 ? 90 : 130;
  const at = (i: number): [x: number, y: number] => (before.length > 1 ? place(i) : [320, 240]);
  const actors = [
    ...before.map((face, i) => still(face, ...at(i), side, { to: cutAt })),
    ...after.map((face, i) => still(face, ...at(i), side, { from: cutAt })),
  ];
  return { name, ...size, fps, duration: cutEnd, actors };
}

/** Two people who walk past each other, or one who slides in front of another and stays there. */
function passing(name: string, fps: number, [a, b]: readonly [SceneFace, SceneFace], kind: 'cross' | 'slide'): Scene {
  const walk = (face: SceneFace, from: number, to: number): SceneActor => ({
    face,
    size: 110,
    path: [
      { time: 1500, x: from, y: 240 },
      { time: 4500, x: to, y: 240 },
    ],
  });
  const actors =
    kind === 'cross' ? [walk(a, 120, 520), walk(b, 520, 120)] : [still(a, 320, 240, 110), walk(b, 760, 320)];
  return { name, ...size, fps, duration: 6500, actors };
}

/** The scenes with a change of people. */
export function continuityScenes(faces: readonly SceneFace[]): Scene[] {
  const face = (i: number) => faces[i % faces.length] as SceneFace;
  const pairs = [0, 2, 4].map((i) => [face(i), face(i + 1)] as const);
  const [first, second] = pairs as [(typeof pairs)[0], (typeof pairs)[0]];
  const six = Array.from({ length: 6 }, (_, i) => face(i));
  const rotated = six.map((_, i) => six[(i + 1) % 6] as SceneFace);
  return [
    ...[2, 4, 10, 30].flatMap((fps) => pairs.map(([a, b]) => cut('cut, one person', fps, [a], [b]))),
    ...[4, 10].map((fps) => cut('cut, six people', fps, six, rotated)),
    ...[4, 10, 30].map((fps) => passing('crossing', fps, first, 'cross')),
    ...[10, 30].map((fps) => passing('slide', fps, second, 'slide')),
    { ...cut('seek', 10, [first[0]], [first[1]]), event: { time: cutAt, type: 'seeked' } },
    { ...cut('new source', 10, [second[0]], [second[1]]), event: { time: cutAt, type: 'source' } },
  ];
}

/** The scenes in which the people stay. */
export function steadyScenes(faces: readonly SceneFace[]): Scene[] {
  const people = (count: number, side: number) =>
    faces
      .slice(0, count)
      .map((face, i) => still(face, ...place(i), side, { turn: { amplitude: 25, period: 4000 + 700 * i } }));
  return [
    { name: 'two people', ...size, fps: 30, duration: 15_000, actors: people(2, 110) },
    { name: 'four people', ...size, fps: 15, duration: 20_000, actors: people(4, 90) },
    { name: 'six people', ...size, fps: 10, duration: 25_000, actors: people(6, 90) },
  ];
}

/** People who walk through a scene from edge to edge and back, in rows. */
function walkers(
  faces: readonly SceneFace[],
  frame: { width: number; height: number },
  side: number,
  duration: number,
): SceneActor[] {
  return faces.map((face, i) => {
    const y = ((i + 0.5) / faces.length) * (frame.height - side) + side / 2;
    const [left, right] = [side * 0.7, frame.width - side * 0.7];
    const [from, to] = i % 2 === 0 ? [left, right] : [right, left];
    const path = [from, to, from].map((x, n) => ({ time: (n * duration) / 2, x, y }));
    return { face, size: side, path, sway };
  });
}

/** The scenes whose tracking is scored. */
export function trackingScenes(faces: readonly SceneFace[]): Scene[] {
  const four = faces.slice(0, 4);
  const five = faces.slice(3, 8);
  const [portrait, large] = [
    { width: 480, height: 854 },
    { width: 3840, height: 2160 },
  ];
  const duration = 8000;
  const turn = { amplitude: 50, period: 3000 };
  return [
    { name: 'walking past each other', ...size, fps: 15, duration, actors: walkers(four, size, 90, duration) },
    {
      name: 'turning heads',
      ...{ ...size, fps: 15, duration },
      actors: four.map((face, i) => still(face, ...place(i), 100, { turn })),
    },
    {
      name: 'behind bars',
      ...{ ...size, fps: 15, duration },
      actors: walkers(four.slice(0, 3), size, 100, duration),
      bars: [150, 320, 490].map((x) => ({ x: x - 30, width: 60 })),
    },
    {
      name: 'motion blur',
      ...{ ...size, fps: 15, duration, blurred: true },
      actors: walkers(four.slice(1), size, 100, duration / 2),
    },
    { name: 'portrait', ...portrait, fps: 15, duration, actors: walkers(five, portrait, 100, duration) },
    { name: '640 × 480, five people', ...size, fps: 5, duration, actors: walkers(five, size, 75, duration) },
    { name: '4K', ...large, fps: 5, duration, actors: walkers(five, large, 340, duration) },
    {
      name: 'entering at the edge',
      ...{ ...size, fps: 30, duration: 5000 },
      actors: four.slice(0, 2).map((face, i) => ({
        face,
        size: 110,
        path: [
          { time: 500, x: i === 0 ? -130 : 770, y: 140 + 200 * i },
          { time: 2500, x: 320, y: 140 + 200 * i },
        ],
      })),
    },
  ];
}
