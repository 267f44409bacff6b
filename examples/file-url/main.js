import { FaceNet } from 'facenet-web';

/** Reads a file of the models. An app with a file system reads it there, for example with Capacitor's Filesystem.readFile(). */
async function readModel(path) {
  return Uint8Array.from(atob(globalThis.modelFiles[path]), (character) => character.charCodeAt(0));
}

// A page of file:// cannot start workers.
const loading = FaceNet.load({ models: readModel, worker: false });

function verdictOn(facenet, a, b) {
  if (!a || !b) return 'no face';
  const { same, reason } = facenet.compare(a, b);
  if (reason === 'quality') return 'too poor to compare';
  return same ? 'the same person' : 'different people';
}

document.querySelector('input').onchange = async ({ target }) => {
  const facenet = await loading;
  const [a, b] = await Promise.all(
    [...target.files].map(async (photo) => {
      const [face] = await facenet.embed(photo, { maxFaces: 1 });
      return face;
    }),
  );
  document.querySelector('output').textContent =
    `${verdictOn(facenet, a, b)}, computed by the ${facenet.execution.name}`;
};
