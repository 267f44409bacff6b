import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const names = [1, 2, 3, 4, 5, 6].map((i) => `sample${i}.jpg`);

/**
 * A Vite plugin that serves and bundles the sample photos under `samples/`. It reads them from a development dependency: they
 * show people and are under another project's licence, so this repository contains no copy.
 */
export function samplePhotos(): Plugin {
  return {
    name: 'sample-photos',
    configureServer({ middlewares }) {
      middlewares.use('/samples', (request, response, next) => {
        const name = request.url?.slice(1).split('?')[0];
        if (!name || !names.includes(name)) return next();
        response.setHeader('Content-Type', 'image/jpeg');
        response.end(readSample(name));
      });
    },
    generateBundle() {
      for (const name of names) {
        this.emitFile({ type: 'asset', fileName: `samples/${name}`, source: readSample(name) });
      }
    },
  };
}

function readSample(name: string): Buffer {
  const path = fileURLToPath(new URL(`../../node_modules/@vladmandic/face-api/demo/${name}`, import.meta.url));
  if (!existsSync(path)) {
    throw new Error(
      `The sample photo ${path} is missing. Run "npm install" to install @vladmandic/face-api, which contains it.`,
    );
  }
  return readFileSync(path);
}
