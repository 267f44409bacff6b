import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import type { centralFace } from '../kit/lfw/page-functions.ts';

/** What {@link startInPage} loads. */
export interface PageOptions {
  /** The URL of the server. */
  base: string;
  preset: string;
  embedder: string;
}

/** The embeddings of a photo's face. */
export interface PhotoEmbeddings {
  /** Embedded from the photo. */
  photo: number[];
  /** Embedded by `reembed` from a stored crop, by the crop's template. Missing if no face is found in the crop. */
  crops: Partial<Record<'arcface' | 'dlib', number[]>>;
}

/** The globals of the page. */
interface PageState {
  facenet: FaceNetClass;
  galleries: typeof import('../../lib/gallery/index.ts');
  centralFace: typeof centralFace;
}

/** Runs in the page. */
export async function startInPage({ base, preset, embedder }: PageOptions): Promise<void> {
  const { FaceNet } = (await import(`${base}dist/facenet-web.js`)) as { FaceNet: typeof FaceNetClass };
  const facenet = await FaceNet.load({ models: `${base}models/`, preset, embedder });
  Object.assign(globalThis, { facenet, galleries: await import(`${base}dist/gallery.js`) });
}

/** Runs in the page: embeds the face nearest to the centre of a photo, and again from crops. Undefined without a face. */
export async function embedInPage(address: string): Promise<PhotoEmbeddings | undefined> {
  const { facenet, galleries, centralFace } = globalThis as unknown as PageState;
  const photo = await createImageBitmap(await (await fetch(address)).blob());
  const detected = centralFace(await facenet.detect(photo, { thorough: false }), photo);
  if (!detected) return undefined;
  const face = await facenet.embed(photo, detected);
  /** A rule for models that have no calibration. Re-embedding does not use it. */
  const ruleOf = (model: string) => ({
    model,
    dimension: face.embedding.length,
    metric: 'cosine' as const,
    calibration: {
      logOdds: [1, -1] as [number, number],
      thresholds: [
        { far: 0.1, distance: 1 },
        { far: 1e-5, distance: 0.5 },
      ],
    },
  });
  const crops: PhotoEmbeddings['crops'] = {};
  for (const template of ['arcface', 'dlib'] as const) {
    const pixels = await facenet.align(photo, face, { template, size: 150 });
    const canvas = new OffscreenCanvas(150, 150);
    canvas.getContext('2d')?.putImageData(pixels, 0, 0);
    const crop = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
    const earlier = { rule: ruleOf('earlier') };
    const gallery = await galleries.Gallery.open({ name: 'crops', storage: 'memory', facenet: earlier });
    await gallery.enrol({ name: 'x' }, { embedding: face.embedding, model: 'earlier' }, { crop });
    const embed = facenet.embed.bind(facenet) as typeof facenet.embed;
    const { embedded } = await gallery.reembed({ rule: ruleOf(face.model), embed });
    if (embedded === 1) crops[template] = [...((await gallery.examples())[0]?.embedding ?? [])];
    await gallery.close();
  }
  photo.close();
  return { photo: [...face.embedding], crops };
}
