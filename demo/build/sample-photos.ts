import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const folder = fileURLToPath(new URL('../samples/', import.meta.url));

/** A Vite plugin that serves and bundles the sample photos of demo/samples/ under `samples/`, with their names. */
export function samplePhotos(): Plugin {
  return {
    name: 'sample-photos',
    configureServer({ middlewares }) {
      middlewares.use('/samples', (request, response, next) => {
        const name = request.url?.slice(1).split('?')[0];
        if (!name || !photos().includes(name)) return next();
        response.setHeader('Content-Type', 'image/jpeg');
        response.end(readFileSync(folder + name));
      });
    },
    generateBundle() {
      for (const name of photos()) {
        this.emitFile({ type: 'asset', fileName: `samples/${name}`, source: readFileSync(folder + name) });
      }
    },
  };
}

function photos(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.jpg'));
}
