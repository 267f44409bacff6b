import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { Case } from './cases.ts';
import type { KnownFace } from './known-faces.ts';

/** A photo, and its faces where they are known by hand; otherwise one face in its middle is looked for. */
export interface Photo {
  address: string;
  faces?: KnownFace[];
}

/** What a detector made of some photos under one case. */
export interface Tally {
  /** Faces that are there, and of those the ones that were found. */
  faces: number;
  found: number;
  /** Findings where there is no face; counted only where all faces are known. */
  false: number;
  /** The time of each search, in milliseconds. */
  milliseconds: number[];
}

/** Runs in the page: trains HOG and SVM on the faces that the default detector finds; the model's JSON. */
export async function trainInPage(given: { library: string; training: string; models: string; photos: Photo[] }) {
  const { FaceNet } = (await import(given.library)) as { FaceNet: typeof FaceNetClass };
  const { trainHogSvm } = (await import(given.training)) as typeof import('../../lib/training/index.ts');
  const facenet = await FaceNet.load({ models: given.models, preset: 'fast' });
  const pictures = [];
  for (const { address } of given.photos) {
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
    context?.drawImage(bitmap, 0, 0);
    const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height) as ImageData;
    pictures.push({ pixels, faces: await facenet.detect(pixels, { thorough: false }) });
  }
  await facenet.dispose();
  return JSON.stringify(await trainHogSvm(pictures));
}

/** Runs in the page: searches photos, each changed as the case says. */
export async function searchInPage(given: {
  library: string;
  models: string;
  detector: string;
  detectorModel: string | null;
  photos: Photo[];
  change: Case;
}): Promise<Tally> {
  const { photos, change } = given;
  const page = globalThis as { facenet?: FaceNetClass; loaded?: string };
  if (page.loaded !== given.detector) {
    await page.facenet?.dispose();
    const { FaceNet } = (await import(given.library)) as { FaceNet: typeof FaceNetClass };
    page.facenet = await FaceNet.load({
      models: given.models,
      detector: given.detector,
      ...(given.detectorModel !== null && { detectorModel: given.detectorModel }),
      preset: 'fast',
    });
    page.loaded = given.detector;
  }
  const facenet = page.facenet as FaceNetClass;
  // One look at the whole picture is what the others were made for; turned views and tiles would cost them seconds.
  const options = given.detector.includes('blazeface') ? {} : { thorough: false, minSize: 200 };

  /** The middle of a face and its side, about two and a half times the distance of its eyes. */
  const place = ({ rightEye, leftEye }: KnownFace, usualSide: number) => {
    const one = rightEye ?? leftEye ?? { x: 0, y: 0 };
    const other = leftEye ?? rightEye ?? one;
    const distance = Math.hypot(one.x - other.x, one.y - other.y);
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, side: distance > 0 ? 2.5 * distance : usualSide };
  };

  const tally: Tally = { faces: 0, found: 0, false: 0, milliseconds: [] };
  for (const photo of photos) {
    const bitmap = await createImageBitmap(await (await fetch(photo.address)).blob());
    // LFW's images show one face of about 0.4 of their side in the middle.
    const faces = photo.faces?.map((face) => place(face, 220)) ?? [
      { x: bitmap.width / 2, y: bitmap.height / 2, side: 0.4 * bitmap.width },
    ];
    const usual = faces.map(({ side }) => side).sort((a, b) => a - b)[faces.length >> 1] ?? 1;
    const scale = change.faceSize ? change.faceSize / usual : 1;
    const angle = ((change.roll ?? 0) * Math.PI) / 180;
    const diagonal = Math.ceil(Math.hypot(bitmap.width, bitmap.height));
    const [width, height] = change.faceSize
      ? [1920, 1440]
      : change.roll
        ? [diagonal, diagonal]
        : [bitmap.width, bitmap.height];
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.fillStyle = '#808080';
    context.fillRect(0, 0, width, height);
    context.filter = `brightness(${change.brightness ?? 1}) blur(${(change.blur ?? 0) * usual}px)`;
    context.imageSmoothingQuality = 'high';
    context.translate(width / 2, height / 2);
    context.rotate(angle);
    context.scale(scale, scale);
    context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
    context.filter = 'none';
    const moved = faces.map(({ x, y, side }) => {
      const [dx, dy] = [(x - bitmap.width / 2) * scale, (y - bitmap.height / 2) * scale];
      if (change.covered) {
        const [left, top] = [x - bitmap.width / 2 - side, y - bitmap.height / 2];
        if (change.covered === 'lower') context.fillRect(left, top + 0.25 * side, 2 * side, 2 * side);
        else context.fillRect(left, top - side, side, 2.5 * side);
      }
      return {
        x: width / 2 + dx * Math.cos(angle) - dy * Math.sin(angle),
        y: height / 2 + dx * Math.sin(angle) + dy * Math.cos(angle),
        side: side * scale,
      };
    });

    const start = performance.now();
    const found = await facenet.detect(canvas, options);
    tally.milliseconds.push(performance.now() - start);
    const matches = ({ box }: (typeof found)[number], face: (typeof moved)[number]) => {
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const ratio = Math.max(box.width, box.height) / face.side;
      return Math.hypot(x - face.x, y - face.y) < 0.6 * face.side && ratio > 0.4 && ratio < 2.5;
    };
    tally.faces += moved.length;
    tally.found += moved.filter((face) => found.some((finding) => matches(finding, face))).length;
    if (photo.faces) {
      tally.false += found.filter((finding) => !moved.some((face) => matches(finding, face))).length;
    }
    bitmap.close();
  }
  return tally;
}
