import { readFileSync } from 'node:fs';
import { readClassical } from '../../cli/convert/classical/read-classical.ts';
import type { ModelDescriptor, ModelFile } from '../../lib/models/manifest.ts';
import { KernelRunner } from '../../lib/runtime/kernels/kernel-runner.ts';
import { NetworkLoader } from '../../lib/runtime/network-loader.ts';
import { compileKernels, supportedKernels } from '../unit/runtime/kernels/support/kernel-files.ts';

/** Converts a network of dlib and starts a loader for it on the kernels. @param path a .dat file. */
export async function loadDlibNetwork(path: string): Promise<{ loader: NetworkLoader; descriptor: ModelDescriptor }> {
  const source = { package: 'dlib', version: 'test', files: [] };
  const { descriptor, files } = await readClassical(new Uint8Array(readFileSync(path)), source);
  const named = files.map((file) => ({ path: file.path, bytes: file.bytes.length, sha256: '' }));
  const module = await compileKernels(supportedKernels[0] as string);
  const read = async ({ path: name }: ModelFile) =>
    files.find((file) => file.path === name)?.bytes as Uint8Array<ArrayBuffer>;
  const loader = new NetworkLoader(
    { description: 'kernels', start: (model, parts) => KernelRunner.start(model, parts, module) },
    read,
    undefined,
  );
  return { loader, descriptor: { ...descriptor, files: named } as ModelDescriptor };
}
