import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { convertModel } from '../../../cli/convert/convert-model.ts';
import { readerBeside } from '../../../cli/read-beside.ts';
import type { ModelDescriptor } from '../../../lib/models/manifest.ts';
import { userPath } from '../../kit/paths.ts';
import { multiplyAdds, networkCost } from '../network-cost.ts';
import { networkDescriptors, runtimeFolders } from './bundle-page.ts';
import { type RuntimeName, runtimeNames, threadedRuntimeNames } from './names.ts';

/** A network of the benchmark of runtimes. */
export interface BenchNetwork {
  descriptor: ModelDescriptor;
  /** The multiply-adds of one run, in 10⁹. */
  gmac: number;
  /** The runs before the measurement, in which the browser compiles with optimisation. */
  warmUpRuns: number;
  /** The measured runs of each runtime. */
  runs: number;
  /** Whether a runtime without enough memory for the network is left out. */
  mayExceedMemory: boolean;
  /** The runtimes, by the number of threads. */
  runtimes: Readonly<Record<1 | 2, readonly RuntimeName[]>>;
}

/** The runtimes that an .onnx file of one's own is measured on. */
const ownRuntimes = ['kernels', 'kernels-plain', 'onnxruntime-web'] as const;

/** The shipped networks, on all runtimes. */
export function shippedNetworks(): BenchNetwork[] {
  return networkDescriptors().map((descriptor) => ({
    descriptor,
    gmac: networkCost(descriptor.name),
    warmUpRuns: 40,
    runs: 40,
    mayExceedMemory: false,
    runtimes: { 1: runtimeNames, 2: threadedRuntimeNames },
  }));
}

/**
 * Converts .onnx files as `add-model` does. ONNX Runtime Web gets the file itself. Networks of one's own may take a second for a run,
 * so that they are run less often than the shipped ones.
 *
 * @param given pairs PRESET=FILE.onnx, as they were given on the command line.
 * @throws {Error} for a value that is no such pair, and for a file that cannot be converted.
 */
export async function ownNetworks(given: readonly string[]): Promise<BenchNetwork[]> {
  const networks: BenchNetwork[] = [];
  for (const text of given) networks.push(await ownNetwork(text));
  return networks;
}

async function ownNetwork(given: string): Promise<BenchNetwork> {
  const [, preset = '', path = ''] = /^([\w-]+)=(.+\.onnx)$/.exec(given) ?? [];
  if (!path) throw new Error(`--network is "${given}": use PRESET=FILE.onnx.`);
  const file = userPath(path);
  const name = basename(file, '.onnx');
  const bytes = new Uint8Array(readFileSync(file));
  const { descriptor, files } = await convertModel(
    { name: basename(file), bytes },
    { preset, name, readBeside: readerBeside(file) },
  );
  const folder = runtimeFolders['/runtimes'] as string;
  for (const each of files) {
    mkdirSync(dirname(join(folder, each.path)), { recursive: true });
    writeFileSync(join(folder, each.path), each.bytes);
  }
  writeFileSync(join(folder, `${name}.onnx`), bytes);
  const [json, weights] = files.map((each) => new Uint8Array(each.bytes));
  const gmac = multiplyAdds(descriptor, { json, weights } as Parameters<typeof multiplyAdds>[1]) / 1e9;
  const served = descriptor.files.map((each) => ({ ...each, path: `/runtimes/${each.path}` }));
  return {
    descriptor: { ...descriptor, files: served },
    gmac,
    warmUpRuns: 8,
    runs: 20,
    mayExceedMemory: true,
    runtimes: { 1: ownRuntimes, 2: ownRuntimes },
  };
}
