// npm run models:add -- FILE --preset FAMILY --name NAME [--out DIR] [--output NODE]: an embedder of your own, as a folder
// that FaceNet.load({ models: [DIR, 'models/'], embedder: NAME }) reads.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { EmbeddingDescriptor, Manifest } from '../lib/models/manifest.ts';
import { runCommand } from './command.ts';
import { embeddingPresets } from './models/embedding-presets.ts';
import { readModel } from './models/read-model.ts';
import { knownAnswer } from './models/self-check.ts';

const usage = `usage: npm run models:add -- FILE --preset FAMILY --name NAME [--out DIR] [--output NODE]

FILE      a TensorFlow.js graph model (model.json, with its weight files beside it), or a .tflite file
--preset  what the network wants: ${Object.keys(embeddingPresets).join(', ')}
--out     the folder to write; default: public/NAME
--output  the node that holds the embedding, where the file has several outputs`;

runCommand(main);

async function main(): Promise<undefined> {
  const { values, positionals } = parseArgs({
    options: {
      preset: { type: 'string' },
      name: { type: 'string' },
      out: { type: 'string' },
      output: { type: 'string' },
    },
    allowPositionals: true,
  });
  const [given] = positionals;
  const { name, preset: family = '' } = values;
  const preset = Object.hasOwn(embeddingPresets, family) ? embeddingPresets[family] : undefined;
  if (!given || !preset || !name?.match(/^\w[\w.-]*$/)) throw new Error(usage);
  const here = process.env.INIT_CWD ?? '.';
  const file = resolve(here, given);
  if (!existsSync(file)) throw new Error(`${given}: no such file.`);

  const { preprocessing, template, metric, licence, trainingData } = preset;
  const { json, weights, input, outputs } = readModel(file);
  const { width, height } = preprocessing;
  if (input.shape.length !== 4 || input.shape.slice(1, 3).some((side) => side > 0 && side !== width)) {
    throw new Error(`${given} takes [${input.shape}], but --preset ${family} makes pictures of ${width}×${height}.`);
  }
  const wanted = values.output ?? preset.output;
  const output = outputs.length === 1 ? outputs[0] : wanted;
  if (!output) throw new Error(`${given} has several outputs: choose one with --output (${outputs.join(', ')}).`);

  const contents = [
    { path: 'model.json', bytes: Buffer.from(JSON.stringify(json)) },
    { path: 'weights.bin', bytes: weights },
  ];
  const folder = resolve(here, values.out ?? join('public', name));
  mkdirSync(join(folder, name), { recursive: true });
  const files = contents.map(({ path, bytes }) => {
    writeFileSync(join(folder, name, path), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { path: `${name}/${path}`, bytes: bytes.length, sha256 };
  });
  const descriptor: EmbeddingDescriptor = {
    name,
    task: 'embedding',
    engine: 'tfjs',
    files,
    input: { name: input.name, shape: [-1, height, width, 3] },
    outputs: [{ name: output, shape: [-1] }],
    dimension: 0,
    preprocessing,
    template,
    metric,
    licence,
    trainingData,
    source: { package: 'your own', version: '', files: [given], conversion: 'brought to one weight file' },
  };
  const { checks, lengths } = await knownAnswer(descriptor, contents);
  const [dimension = 0] = lengths;
  const model: EmbeddingDescriptor = {
    ...descriptor,
    dimension,
    outputs: [{ name: output, shape: [-1, dimension] }],
    selfCheck: checks,
  };
  const manifest: Manifest = { version: 1, models: [model], engines: [] };
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  process.stdout.write(
    `${folder}: "${name}", ${dimension} dimensions. Next, fit its calibration:\n` +
      `  npm run evaluate -- --data DIR --embedder ${join(folder, 'manifest.json')} --calibrate\n`,
  );
}
