import type { Gallery } from '../../lib/gallery/index.ts';
import type { Box, FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { Scene, SceneFace, SceneFrame } from './scene.ts';
import { drawScene, drawTurned, headOf, positionAt } from './scene-drawing.ts';
import { boundsOfPoints, coveredShare, truthOf } from './scene-truth.ts';
import { sceneVideo } from './scene-video.ts';

/** The functions that {@link locateFaces} and {@link watchScene} call, for definePageFunctions: they run in the page by these names. */
export const sceneFunctions = {
  headOf,
  positionAt,
  drawTurned,
  drawScene,
  truthOf,
  coveredShare,
  sceneVideo,
  boundsOfPoints,
};

declare const facenet: FaceNetClass;
declare const gallery: Gallery;

/** Runs in the page once, after the faces of the photos were enrolled: locates the landmarks of each. */
export async function locateFaces(faces: { name: string; photo: string; box: Box }[]): Promise<SceneFace[]> {
  const located: SceneFace[] = [];
  for (const face of faces) {
    const bitmap = await createImageBitmap(await (await fetch(face.photo)).blob());
    const [landmarks] = await facenet.landmarks(bitmap, [{ box: face.box, score: 1, roll: 0 }]);
    if (landmarks) located.push({ ...face, bounds: boundsOfPoints(landmarks.landmarks.points) });
  }
  return located;
}

/** Runs in the page: draws a scene frame by frame, watches it in virtual time, and returns what was drawn and what was tracked. */
export async function watchScene(scene: Scene): Promise<SceneFrame[]> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [scene.width, scene.height];
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const heads = await Promise.all(scene.actors.map(({ face }) => headOf(face)));
  const { video, showFrame, replaceSource, stop } = sceneVideo(context);
  let shown = 0;
  const realNow = performance.now;
  const frames: SceneFrame[] = [];
  let time = 0;
  let event = scene.event;
  const watching = facenet.watch(video, { gallery })[Symbol.asyncIterator]();
  performance.now = () => time;
  try {
    for (; time < scene.duration; time += 1000 / scene.fps) {
      drawScene(context, scene, heads, time);
      const truth = truthOf(scene, time);
      if (event && time >= event.time) {
        if (event.type === 'source') replaceSource();
        else video.dispatchEvent(new Event('seeked'));
        event = undefined;
      }
      await showFrame(++shown);
      const start = realNow.call(performance);
      const { value } = await watching.next();
      if (!value) throw new Error(`The scene "${scene.name}" ended at ${time} ms.`);
      const { detection = 0, landmarks = 0, embedding = 0 } = value.elapsed;
      const tracked = value.faces.map(({ id, box, identity }) => ({
        id,
        box,
        label: identity?.status === 'known' ? identity.person.name : `${identity?.status}`,
      }));
      const networks = detection + landmarks + embedding;
      frames.push({ time, truth, tracked, networks, total: realNow.call(performance) - start });
    }
  } finally {
    performance.now = realNow;
    await watching.return?.();
    stop();
    for (const head of heads) head.close();
  }
  return frames;
}
