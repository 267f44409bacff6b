import { FaceNet } from 'facenet-web';

/** Reads a file of the models. An app with a file system reads it there, for example with Capacitor's Filesystem.readFile(). */
async function readModel(path) {
  return Uint8Array.from(atob(globalThis.modelFiles[path]), (character) => character.charCodeAt(0));
}

// A page of file:// cannot start workers.
const loading = FaceNet.load({ models: readModel, worker: false });

document.querySelector('input').onchange = async ({ target }) => {
  const facenet = await loading;
  const [a, b] = await Promise.all(
    [...target.files].map(async (photo) => {
      const [face] = await facenet.embed(photo, { maxFaces: 1 });
      return face;
    }),
  );
  const verdict = a && b ? (facenet.compare(a, b).same ? 'the same person' : 'different people') : 'no face';
  document.querySelector('output').textContent = `${verdict}, computed by the ${facenet.execution.name}`;
};
