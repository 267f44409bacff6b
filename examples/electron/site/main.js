import { FaceNet } from 'facenet-web';

const facenet = await FaceNet.load();

const [a, b] = await Promise.all(
  ['a.jpg', 'b.jpg'].map(async (address) => {
    const photo = await (await fetch(address)).blob();
    const [face] = await facenet.embed(photo, { maxFaces: 1 });
    return face;
  }),
);

function verdictOn(a, b) {
  if (!a || !b) return 'no face';
  const { same, reason } = facenet.compare(a, b);
  if (reason === 'quality') return 'too poor to compare';
  return same ? 'the same person' : 'different people';
}

document.querySelector('output').textContent = `${verdictOn(a, b)}, computed by the ${facenet.execution.name}`;
