import { parseArgs } from 'node:util';
import type { LoadOptions } from '../../lib/index.ts';
import { type OwnModels, openOwnModels } from '../kit/own-models.ts';

/** The help text of the command. */
export const usage = `usage: npm run --silent faces -- PHOTO… [--models DIR]… [--preset NAME] [--detector NAME] [--landmarker NAME]
       [--embedder NAME] [--crop] [--draw OUT.png] [--json]

Finds the faces of JPEG, PNG and WebP photos, and prints their boxes, scores, rolls, landmarks and quality.

--models      a folder that "npm run models:add" wrote, beside the shipped one; repeatable
--preset, --detector, --landmarker, --embedder
              as in FaceNet.load(), from the folders and the shipped models
--crop        each photo is an aligned crop: embeds it as it is
--draw        draws the faces on the photo; of several photos, the file names get their numbers: OUT-1.png
--json        prints JSON with the embeddings instead, and nothing else, on standard output

Exit code 1: a photo could not be read.`;

/** The options of the command line, checked. */
export interface FacesOptions {
  /** The photos as they were given. */
  photos: string[];
  models: OwnModels;
  load: Pick<LoadOptions, 'preset' | 'detector' | 'landmarker' | 'embedder'>;
  crop: boolean;
  draw: string | undefined;
  json: boolean;
}

/** @throws {Error} for an invalid command line. */
export function readOptions(): FacesOptions {
  const { values, positionals } = parseArgs({
    options: {
      models: { type: 'string', multiple: true, default: [] },
      preset: { type: 'string' },
      detector: { type: 'string' },
      landmarker: { type: 'string' },
      embedder: { type: 'string' },
      crop: { type: 'boolean', default: false },
      draw: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const { models, crop, draw, json, ...load } = values;
  if (positionals.length === 0) throw new Error(usage);
  if (crop && draw !== undefined) {
    throw new Error('--crop finds no faces that could be drawn: omit --crop or --draw.');
  }
  if (draw !== undefined && !/\.png$/i.test(draw))
    throw new Error(`--draw is "${draw}": use a name that ends in .png.`);
  return { photos: positionals, models: openOwnModels(models), load, crop, draw, json };
}
