import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FaceNetError } from '../lib/core/errors.ts';
import { laterStages } from '../lib/models/detection-stages.ts';
import type { FusionDescriptor, Manifest, ModelDescriptor, ModelFile, Preset } from '../lib/models/manifest.ts';
import { parseManifest } from '../lib/models/manifest-schema.ts';
import { byName } from '../lib/pipeline/options.ts';
import { type Command, parsed, UsageError } from './command.ts';
import { packageRoot } from './package-root.ts';

const usage = `usage: npx facenet-web copy-models DIR [--preset NAME]… [--model NAME]… [--all]

Copies the networks and the WebAssembly of a preset to DIR, with a manifest that lists them. Pass the URL of DIR as
FaceNet.load({ models }); the default is "models/" beside the page. Checks the SHA-256 of every file, skips files that
are already there, and deletes nothing: the entries that the manifest of DIR has stay in it, also those of add-model.

  --preset NAME   balanced, fast, accurate or library; repeatable. Default: balanced
  --model NAME    an additional network by its name in FaceNet.load(); repeatable
  --all           all networks and all WebAssembly
`;

/** `npx facenet-web copy-models`: copies the weights to the static files of a site, independently of its bundler. */
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
    if (folder === undefined || more.length > 0) throw new UsageError(`give one folder to copy to.\n\n${usage}`);
    const source = join(packageRoot(), 'public/models');
    const complete = await readManifest(join(source, 'manifest.json'));
    const target = resolve(folder);
    const present = await manifestIn(target);
    const again = networksOfBoth(present, complete);
    const released = values.all ? complete : subset(complete, values.preset, [...again, ...(values.model ?? [])]);
    let bytes = 0;
    for (const file of filesOf(released)) bytes += await copyFile(file, source, target);
    const manifest = withOthers(released, present, complete);
    // The manifest is written last, so that every file it lists exists.
    await write(join(target, 'manifest.json'), Buffer.from(`${JSON.stringify(manifest)}\n`));
    const names = manifest.models.map(({ name }) => name).join(', ');
    const megabytes = (filesOf(manifest).reduce((sum, file) => sum + file.bytes, 0) / 1e6).toFixed(1);
    const note = bytes === 0 ? ', all of which was there already' : '';
    process.stdout.write(`${folder}: ${names}; ${megabytes} MB${note}.\n`);
  },
};

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new FaceNetError('model-missing', `${path} cannot be read: install facenet-web again.`, { cause });
  });
  return parseManifest(JSON.parse(text), path);
}

/** The manifest of a folder; undefined if it has none, or one that is damaged or of another format, which is replaced. */
async function manifestIn(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) return undefined;
  const text = await readFile(path, 'utf8');
  try {
    return parseManifest(JSON.parse(text), path);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof FaceNetError) return undefined;
    throw error;
  }
}

/** The names of the networks of a folder that this release has. */
function networksOfBoth(present: Manifest | undefined, { models }: Manifest): string[] {
  const known = new Set(models.map(({ name }) => name));
  return (present?.models ?? []).map(({ name }) => name).filter((name) => known.has(name));
}

/** Adds the entries of a folder that this release does not have, such as those that add-model wrote, with their calibrations. */
function withOthers(released: Manifest, present: Manifest | undefined, complete: Manifest): Manifest {
  if (!present) return released;
  const stages = ({ models, classical = [], fusions = [] }: Manifest) => [...models, ...classical, ...fusions];
  const known = new Set(stages(complete).map(({ name }) => name));
  const others = <Entry extends { name: string }>(entries: readonly Entry[] = []) =>
    entries.filter(({ name }) => !known.has(name));
  const classical = [...(released.classical ?? []), ...others(present.classical)];
  return {
    ...released,
    models: [...released.models, ...others(present.models)],
    ...(classical.length > 0 && { classical }),
    fusions: [...(released.fusions ?? []), ...others(present.fusions)],
  };
}

/** The part of a manifest that the given presets and networks need. */
function subset(
  manifest: Manifest,
  presetNames: readonly (string | undefined)[] = [undefined],
  modelNames: readonly string[] = [],
): Manifest {
  const presets = presetNames.map((name) => byName('--preset', manifest.presets ?? [], name));
  const { fusions = [] } = manifest;
  const wanted = new Set<ModelDescriptor | FusionDescriptor>();
  const add = (name: string) => {
    const model = byName('--model', [...manifest.models, ...fusions], name);
    if (wanted.has(model)) return;
    wanted.add(model);
    for (const other of needsOf(model)) add(other);
  };
  for (const name of [...presets.flatMap(networksOf), ...modelNames]) add(name);
  const models = manifest.models.filter((model) => wanted.has(model));
  const available = fusions.filter(({ parts }) =>
    parts.every(({ embedder }) => models.some(({ name }) => name === embedder)),
  );
  const has = (name: string) => [...models, ...available].some((model) => model.name === name);
  return {
    ...manifest,
    models,
    fusions: available,
    // The browser decides which of the other WebAssembly files it uses. MediaPipe's runs only MediaPipe's networks.
    engines: manifest.engines.filter(({ name }) => name !== 'mediapipe-vision' || models.some(isMediaPipe)),
    // Every preset whose networks are copied stays available.
    presets: (manifest.presets ?? []).filter((preset) => networksOf(preset).every(has)),
  };
}

/** The names of the other networks that a network or a fusion needs. */
function needsOf(model: ModelDescriptor | FusionDescriptor): string[] {
  if ('parts' in model) return model.parts.map(({ embedder }) => embedder);
  if (model.task !== 'detection') return [];
  return [model.closeUp, model.fallback, ...laterStages(model)].filter((name) => name !== undefined);
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

/** Copies a file unless an intact copy exists. @returns the number of bytes written. */
async function copyFile(file: ModelFile, sourceFolder: string, targetFolder: string): Promise<number> {
  const target = join(targetFolder, file.path);
  if (existsSync(target) && isIntact(await readFile(target), file)) return 0;
  const source = join(sourceFolder, file.path);
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

/** Writes a file atomically, because a server may be reading it. */
async function write(path: string, contents: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}
