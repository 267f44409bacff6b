import type { BackendChoice, FaceNet } from 'facenet-web';
import { byId } from './dom.ts';
import { inMegabytes } from './messages.ts';

/** Fills the footer: what runs here, with which models, and what was kept for the next visit. */
export async function showAbout(facenet: FaceNet): Promise<void> {
  byId('about-backend', HTMLElement).textContent = backendSentence(facenet.backend);
  const { detector, landmarker, embedder } = facenet.models;
  byId('about-models', HTMLElement).textContent =
    `${detector} finds the faces, ${landmarker} their landmarks, and ${embedder} makes the embeddings.`;
  byId('about-cache', HTMLElement).textContent = await cacheSentence();
}

/** The name of a backend as people write it. */
export function backendTitle({ name }: Pick<BackendChoice, 'name'>): string {
  return { webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'WebAssembly' }[name];
}

function backendSentence(backend: BackendChoice): string {
  const passedOver = backend.rejected.map((other) => ` Not ${backendTitle(other)}: ${withoutFullStop(other.reason)}.`);
  return `${backendTitle(backend)}: ${withoutFullStop(backend.reason)}.${passedOver.join('')}`;
}

function withoutFullStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

async function cacheSentence(): Promise<string> {
  try {
    const sizes = await sizesOfCachedFiles();
    if (sizes.length > 0) {
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      return `The ${sizes.length} model and engine files (${inMegabytes(bytes)} MB), so that the next visit starts at once. No photo is kept.`;
    }
  } catch {
    // Private windows can refuse the cache, which only means that nothing is kept.
  }
  return 'Nothing: this browser keeps no files for this page.';
}

async function sizesOfCachedFiles(): Promise<number[]> {
  const names = (await caches.keys()).filter((name) => name.startsWith('facenet-web'));
  const responses = await Promise.all(names.map(async (name) => (await caches.open(name)).matchAll()));
  return Promise.all(responses.flat().map(async (response) => (await response.blob()).size));
}
