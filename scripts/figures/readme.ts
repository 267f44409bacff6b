import { writeFileSync } from 'node:fs';
import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import { withPage } from '../kit/browser.ts';
import { repositoryPath } from '../kit/paths.ts';
import { type PictureData, readmePicture, size } from './readme-picture.ts';

/** Writes docs/figures/readme.jpg: the faces of two sample photos with boxes, landmarks, aligned crops and distances. */
export function writeReadmePicture(): Promise<void> {
  const photos = repositoryPath('demo/samples');
  const fonts = repositoryPath('node_modules/@fontsource-variable/schibsted-grotesk/files');
  return withPage({ folders: { '/photos': photos, '/fonts': fonts } }, async (page, { server }) => {
    const data = await page.evaluate(compareFaces, server.url);
    await page.setViewportSize(size);
    await page.setContent(`<style>
      @font-face { font-family: Schibsted; src: url(/fonts/schibsted-grotesk-latin-wght-normal.woff2); font-weight: 400 900 }
      body { margin: 0; font-family: Schibsted }
      svg { display: block }
    </style>${readmePicture(data)}`);
    await page.evaluate(() => document.fonts.ready);
    writeFileSync(repositoryPath('docs/figures/readme.jpg'), await page.screenshot({ type: 'jpeg', quality: 80 }));
  });
}

/** Runs in the page. */
async function compareFaces(url: string): Promise<PictureData> {
  const { FaceNet } = (await import(`${url}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const facenet = await FaceNet.load({ models: `${url}models/` });
  const facesOf = async (name: string) => {
    const photo = await createImageBitmap(await (await fetch(`${url}photos/${name}`)).blob());
    const faces = await facenet.embed(photo);
    faces.sort((a, b) => a.box.x - b.box.x);
    const crops = await Promise.all(faces.map((face) => facenet.align(photo, face, { size: 300 })));
    return faces.map((face, i) => ({ ...face, crop: toDataUrl(crops[i] as ImageData) }));
  };
  const toDataUrl = (crop: ImageData) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [crop.width, crop.height];
    canvas.getContext('2d')?.putImageData(crop, 0, 0);
    return canvas.toDataURL();
  };
  const known = await facesOf('portraits.jpg');
  const probe = (await facesOf('friends-costumes.jpg')).at(-1);
  if (known.length !== 3 || !probe) throw new Error('Not every face of the sample photos was found.');
  const verdicts = known.map((face) => facenet.compare(face, probe));
  await facenet.dispose();
  return { known, probe, verdicts };
}
