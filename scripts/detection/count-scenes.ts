import { drawScene, type Scene, sceneFunctions } from './altered-scenes.ts';
import { drawingFunctions } from './drawings.ts';

/** The results of a system on the scenes of a row. */
export interface Count {
  faces: number;
  found: number;
  /** Found faces whose roll is wrong by more than 60°. */
  wrongRoll: number;
  /** Detections where there is no face. */
  false: number;
}

/** Runs in the page: detects the faces of drawn scenes with the global `detect` of systems.ts. */
export async function countScenes(scenes: readonly Scene[]): Promise<Count> {
  const count: Count = { faces: 0, found: 0, wrongRoll: 0, false: 0 };
  for (const scene of scenes) {
    const { canvas, faces } = await drawScene(scene);
    const detections = await detect(canvas, scene.kind === 'sheet' ? scene.minSize : undefined);
    const unmatched = new Set(detections);
    for (const face of faces) {
      const near = detections.filter(
        ({ x, y, side }) =>
          Math.hypot(x - face.x, y - face.y) < 0.6 * face.side && side > 0.4 * face.side && side < 2.5 * face.side,
      );
      for (const detection of near) unmatched.delete(detection);
      const roll = near[0]?.roll;
      count.found += near.length > 0 ? 1 : 0;
      count.wrongRoll += roll !== undefined && Math.cos(roll - face.roll) < 0.5 ? 1 : 0;
    }
    count.faces += faces.length;
    // The cut-out of a group photo may show a neighbour.
    if (scene.kind === 'drawing') count.false += unmatched.size;
  }
  return count;
}

/** {@link countScenes} and the functions that it calls, for definePageFunctions. */
export const countFunctions = { ...sceneFunctions, ...drawingFunctions, countScenes };
