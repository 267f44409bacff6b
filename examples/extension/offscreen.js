import { FaceNet } from './facenet-web/facenet-web.js';

const loading = FaceNet.load();

async function compare(photos) {
  const facenet = await loading;
  const [a, b] = await Promise.all(
    photos.map(async (address) => {
      const photo = await (await fetch(address)).blob();
      const [face] = await facenet.embed(photo, { maxFaces: 1 });
      return face;
    }),
  );
  const verdict = a && b ? (facenet.compare(a, b).same ? 'the same person' : 'different people') : 'no face';
  return `${verdict}, computed by the ${facenet.execution.name}`;
}

// Messages are JSON: they carry the addresses of the photos, or their data: URLs, but no Blob.
chrome.runtime.onMessage.addListener(({ target, photos }, _sender, respond) => {
  if (target !== 'offscreen') return;
  compare(photos).then(respond, ({ message }) => respond(message));
  // The response follows later.
  return true;
});
