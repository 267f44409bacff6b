import type { Page } from 'playwright';
import { heldTensors } from '../kit/memory.ts';
import { answers, type SceneName } from './page.ts';
import type { SystemReport } from './report.ts';
import type { BenchSystem } from './systems.ts';

/**
 * Makes sure that what is to be timed gives right answers: each scene's faces are found, all of them by facenet-web, and
 * the face of the scene that has one is taken for the same person as in another picture.
 *
 * @returns what was answered, and how many tensors are held.
 */
export async function checkAnswers(
  page: Page,
  system: BenchSystem,
  scenes: readonly SceneName[],
): Promise<Pick<SystemReport, 'answers' | 'tensors'>> {
  const given = await page.evaluate(answers, scenes);
  const faces = Object.fromEntries(scenes.map((scene) => [scene, given.scenes[scene]?.length ?? 0]));
  for (const [scene, found] of Object.entries(faces)) {
    // What a peer misses is counted, since it cannot be mended here.
    if (system.family === 'facenet-web' ? found !== Number(scene) : found === 0) {
      throw new Error(`${system.name} gave ${found} embeddings for the scene with ${scene} face(s).`);
    }
  }
  const [alone] = given.scenes['1'] ?? [];
  const [reference] = given.reference;
  const distance = alone && reference ? system.distance(alone, reference) : Number.NaN;
  if (!(distance <= system.threshold)) {
    throw new Error(`${system.name} does not know a face again: distance ${distance}, threshold ${system.threshold}.`);
  }
  return { answers: { faces, distance, threshold: system.threshold }, tensors: await heldTensors(page) };
}
