import { markdownTable } from '../kit/markdown.ts';
import type { SceneMeasures } from './scene-measures.ts';

/** The table of the scenes with a change of people. */
export function continuityTable(measures: readonly SceneMeasures[]): string {
  const header = ['scene', 'frames a second', 'runs', 'longest wrong name, ms', 'frames', 'longest wrong id, ms'];
  return markdownTable(
    header,
    groups(measures).map((group) => {
      const [{ scene }] = group;
      const max = (of: (measured: SceneMeasures) => number) => Math.round(Math.max(...group.map(of)));
      return [
        scene.name,
        scene.fps,
        group.length,
        max(({ longestWrongTime }) => longestWrongTime),
        max(({ longestWrongFrames }) => longestWrongFrames),
        max(({ longestWrongId }) => longestWrongId),
      ];
    }),
  );
}

/** The table of the scenes in which the people stay. */
export function steadyTable(measures: readonly SceneMeasures[]): string {
  const header = ['scene', 'frames a second', 'frames', 'changed names', 'switches', 'networks, ms a frame'];
  return markdownTable(
    header,
    measures.map(({ scene, frames, changes, tracking, networks }) => [
      ...[scene.name, scene.fps, frames, changes, tracking.switches],
      networks.toFixed(1),
    ]),
  );
}

/** The table of the scenes whose tracking is scored. */
export function trackingTable(measures: readonly SceneMeasures[]): string {
  const header = ['scene', 'faces × frames', 'IDF1', 'MOTA', 'switches', 'fragments', 'false tracks', 'ms a frame'];
  return markdownTable(
    header,
    measures.map(({ scene, faces, tracking, total }) => [
      ...[scene.name, faces, tracking.idf1.toFixed(3), tracking.mota.toFixed(3)],
      ...[tracking.switches, tracking.fragments, tracking.falseTracks, total.toFixed(0)],
    ]),
  );
}

/** Measures by scene name and frame rate, in order. */
function groups(measures: readonly SceneMeasures[]): [SceneMeasures, ...SceneMeasures[]][] {
  const byScene = new Map<string, SceneMeasures[]>();
  for (const measured of measures) {
    const key = `${measured.scene.name} ${measured.scene.fps}`;
    byScene.set(key, [...(byScene.get(key) ?? []), measured]);
  }
  return [...byScene.values()] as [SceneMeasures, ...SceneMeasures[]][];
}
