import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FaceNetError } from '../lib/core/errors.ts';
import type { Manifest, ModelDescriptor, ModelFile, Preset } from '../lib/models/manifest.ts';
import { parseManifest } from '../lib/models/manifest-schema.ts';
import { byName } from '../lib/pipeline/options.ts';
import { type Command, parsed, UsageError } from './command.ts';
import { packageRoot } from './package-root.ts';

const usage = `usage: npx facenet-web copy-models DIR [--preset NAME]… [--model NAME]… [--all]

Copies the networks and the WebAssembly that a preset needs, with a manifest that lists just those, into DIR: the folder
that FaceNet.load({ models }) is given, by default "models/" beside the page. Every file is held to its SHA-256. What is
there already and intact is left alone, and nothing is deleted.

  --preset NAME   balanced, fast or accurate; may be given several times. Default: balanced
  --model NAME    a network that you name in FaceNet.load(); may be given several times
  --all           every network and every engine
`;

/** `npx facenet-web copy-models`: how the weights get to where a page finds them, whatever builds the page. */
export const copyModels: Command = {
  usage,
  async run(args) {
    const { values, positionals } = parsed(() =>
      parseArgs({
        args,
        options: {
          preset: { type: 'string', multiple: true },
          model: { type: 'string', multiple: true },
          all: { type: 'boolean' },
        },
        allowPositionals: true,
      }),
    );
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) throw new UsageError(`give one folder to copy into.\n\n${usage}`);
    const from = join(packageRoot(), 'public/models');
    const whole = await readManifest(join(from, 'manifest.json'));
    const manifest = values.all ? whole : neededOf(whole, values.preset, values.model);
    const to = resolve(folder);
    let bytes = 0;
    for (const file of filesOf(manifest)) bytes += await copyFile(file, from, to);
    // The manifest comes last: where it is, everything that it lists is.
    await write(join(to, 'manifest.json'), Buffer.from(`${JSON.stringify(manifest)}\n`));
    const names = manifest.models.map(({ name }) => name).join(', ');
    const megabytes = (filesOf(manifest).reduce((sum, file) => sum + file.bytes, 0) / 1e6).toFixed(1);
    process.stdout.write(
      `${folder}: ${names}; ${megabytes} MB${bytes === 0 ? ', all of which was there already' : ''}.\n`,
    );
  },
};

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new FaceNetError('model-missing', `${path} cannot be read: install facenet-web again.`, { cause });
  });
  return parseManifest(JSON.parse(text), path);
}

/** The part of a manifest that presets, and networks by name, need. */
function neededOf(
  manifest: Manifest,
  presetNames: readonly (string | undefined)[] = [undefined],
  modelNames: readonly string[] = [],
): Manifest {
  const presets = presetNames.map((name) => byName('--preset', manifest.presets ?? [], name));
  const wanted = new Set<ModelDescriptor>();
  const add = (name: string) => {
    const model = byName('--model', manifest.models, name);
    if (wanted.has(model)) return;
    wanted.add(model);
    if (model.task !== 'detection') return;
    for (const other of [model.closeUp, model.fallback]) if (other !== undefined) add(other);
  };
  for (const name of [...presets.flatMap(networksOf), ...modelNames]) add(name);
  const models = manifest.models.filter((model) => wanted.has(model));
  const has = (name: string) => models.some((model) => model.name === name);
  return {
    ...manifest,
    models,
    // Which of the other engines runs depends on the browser; MediaPipe's runs its own networks only.
    engines: manifest.engines.filter(({ name }) => name !== 'mediapipe-vision' || models.some(isMediaPipe)),
    // A preset whose networks are all there costs nothing more.
    presets: (manifest.presets ?? []).filter((preset) => networksOf(preset).every(has)),
  };
}

function networksOf({ detector, landmarker, embedder }: Preset): string[] {
  return [detector, landmarker, embedder];
}

function isMediaPipe(model: ModelDescriptor): boolean {
  return model.engine === 'mediapipe';
}

function filesOf({ models, engines }: Manifest): ModelFile[] {
  return [...models.flatMap(({ files }) => files), ...engines];
}

/** Copies a file unless it is there. @returns the bytes that were written. */
async function copyFile(file: ModelFile, from: string, to: string): Promise<number> {
  const target = join(to, file.path);
  if (existsSync(target) && isIntact(await readFile(target), file)) return 0;
  const source = join(from, file.path);
  const contents = await readFile(source).catch((cause) => {
    throw new FaceNetError('model-missing', `${source} cannot be read: install facenet-web again.`, { cause });
  });
  if (!isIntact(contents, file)) {
    throw new FaceNetError('model-corrupt', `${source} is damaged: install facenet-web again.`);
  }
  await write(target, contents);
  return contents.length;
}

function isIntact(contents: Buffer, { bytes, sha256 }: ModelFile): boolean {
  return contents.length === bytes && createHash('sha256').update(contents).digest('hex') === sha256;
}

/** Writes a file wholly or not at all: a server may be reading it. */
async function write(path: string, contents: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}
