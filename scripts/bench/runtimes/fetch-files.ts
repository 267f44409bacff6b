import type { ModelDescriptor } from '../../../lib/models/manifest.ts';
import type { ModelFiles } from '../../../lib/runtime/runtime.ts';

/** Fetches a file as bytes. */
export async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Fetches the files of a graph model, whose paths are relative to the shipped models. */
export async function fetchFiles({ files }: ModelDescriptor): Promise<ModelFiles> {
  const [json, weights] = await Promise.all(
    files.map(({ path }) => fetchBytes(new URL(path, `${location.origin}/models/`).href)),
  );
  return { json, weights } as ModelFiles;
}
