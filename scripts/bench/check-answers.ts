import type { Page } from 'playwright';
import { heldTensors } from '../kit/memory.ts';
import { answersInPage } from './page.ts';
import type { SystemReport } from './report.ts';
import type { SceneName } from './scenes.ts';
import type { BenchSystem } from './subject.ts';

/**
 * Checks the results that are to be timed: facenet-web finds every face of each scene, a peer at least one, and the face of
 * the scene with one face matches the same face in another picture.
 *
 * @returns the results, and the number of tensors held.
 * @throws {Error} if a result is wrong.
 */
export async function checkAnswers(
  page: Page,
  system: BenchSystem,
  scenes: readonly SceneName[],
): Promise<Pick<SystemReport, 'answers' | 'tensors'>> {
  const embeddings = await page.evaluate(answersInPage, scenes);
  const faces = Object.fromEntries(scenes.map((scene) => [scene, embeddings.scenes[scene]?.length ?? 0]));
  for (const [scene, found] of Object.entries(faces)) {
    // Faces that a peer misses are reported, not an error of the benchmark.
    if (system.family === 'facenet-web' ? found !== Number(scene) : found === 0) {
      throw new Error(`${system.name} gave ${found} embeddings for the scene with ${scene} face(s).`);
    }
  }
  const [single] = embeddings.scenes['1'] ?? [];
  const [reference] = embeddings.reference;
  const distance = single && reference ? system.distance(single, reference) : Number.NaN;
  if (!(distance <= system.threshold)) {
    throw new Error(
      `${system.name} does not match two pictures of one face: distance ${distance}, threshold ${system.threshold}.`,
    );
  }
  return { answers: { faces, distance, threshold: system.threshold }, tensors: await heldTensors(page) };
}
