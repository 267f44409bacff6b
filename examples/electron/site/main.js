import { FaceNet } from 'facenet-web';

const facenet = await FaceNet.load();

const [a, b] = await Promise.all(
  ['a.jpg', 'b.jpg'].map(async (address) => {
    const photo = await (await fetch(address)).blob();
    const [face] = await facenet.embed(photo, { maxFaces: 1 });
    return face;
  }),
);

const verdict = a && b ? (facenet.compare(a, b).same ? 'the same person' : 'different people') : 'no face';
document.querySelector('output').textContent = `${verdict}, computed by the ${facenet.execution.name}`;
