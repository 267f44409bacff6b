import { FaceNet } from './facenet-web/facenet-web.js';

const loading = FaceNet.load();

function verdictOn(facenet, a, b) {
  if (!a || !b) return 'no face';
  const { same, reason } = facenet.compare(a, b);
  if (reason === 'quality') return 'too poor to compare';
  return same ? 'the same person' : 'different people';
}

async function compare(photos) {
  const facenet = await loading;
  const [a, b] = await Promise.all(
    photos.map(async (address) => {
      const photo = await (await fetch(address)).blob();
      const [face] = await facenet.embed(photo, { maxFaces: 1 });
      return face;
    }),
  );
  return `${verdictOn(facenet, a, b)}, computed by the ${facenet.execution.name}`;
}

// Messages are JSON: they carry the addresses of the photos, or their data: URLs, but no Blob.
chrome.runtime.onMessage.addListener(({ target, photos }, _sender, respond) => {
  if (target !== 'offscreen') return;
  compare(photos).then(respond, ({ message }) => respond(message));
  // The response follows later.
  return true;
});
