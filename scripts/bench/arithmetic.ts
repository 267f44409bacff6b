import { readFileSync } from 'node:fs';
import type { Manifest, Preset } from '../../lib/models/manifest.ts';
import { readGraphModel } from '../../lib/runtime/graph-model.ts';
import { lower } from '../../lib/runtime/kernels/lowering/lower.ts';
import type { Operation } from '../../lib/runtime/kernels/lowering/program.ts';

const models = new URL('../../public/models/', import.meta.url);

/** A network's share in the embedding of one face. */
export interface NetworkShare {
  name: string;
  /** The multiply-adds for one picture, in 10⁹. */
  gmac: number;
  /** How often it runs at the least for a photo with one upright face. */
  runs: number;
}

/** What the networks of a preset compute for a photo with one upright face, looked at thoroughly. */
export function networkShares(presetName: string): NetworkShare[] {
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', models), 'utf8')) as Manifest;
  const preset = manifest.presets?.find(({ name }) => name === presetName) as Preset;
  const detector = manifest.models.find(({ name }) => name === preset.detector);
  const closeUp = detector?.task === 'detection' ? detector.closeUp : undefined;
  return [
    { name: preset.detector, runs: 1 },
    // The whole picture upright and upside down, then the face from close up.
    ...(closeUp ? [{ name: closeUp, runs: 3 }] : []),
    { name: preset.landmarker, runs: preset.landmarkPasses },
    { name: preset.embedder, runs: preset.zooms.length * (preset.mirrored ? 2 : 1) },
  ].map(({ name, runs }) => ({ name, runs, gmac: multiplyAdds(manifest, name) / 1e9 }));
}

function multiplyAdds({ models: descriptors }: Manifest, name: string): number {
  const descriptor = descriptors.find((model) => model.name === name);
  if (!descriptor) throw new Error(`The manifest has no network "${name}".`);
  const [json, weights] = descriptor.files.map(({ path }) => new Uint8Array(readFileSync(new URL(path, models)))) as [
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>,
  ];
  const outputs = descriptor.outputs.map((output) => output.name);
  const { operations } = lower(readGraphModel({ json, weights }), descriptor.input.name, outputs);
  return operations.reduce((sum, operation) => sum + costOf(operation), 0);
}

/** Each output of a convolution is as many multiply-adds as its filter has taps. */
function costOf(operation: Operation): number {
  if (operation.kind !== 'convolution' && operation.kind !== 'depthwise') return 0;
  const { height, width } = operation.output;
  return height * width * operation.filter.shape.reduce((product, size) => product * size, 1);
}
