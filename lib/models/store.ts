import { FaceNetError } from '../core/errors.ts';
import { ContradictingFileError } from './download.ts';
import { FileCache } from './file-cache.ts';
import type { FolderSource } from './folder-source.ts';
import { type ModelFolderSources, modelFolders } from './folders.ts';
import type {
  ClassicalDescriptor,
  EngineFile,
  EngineFileName,
  FusionDescriptor,
  ModelDescriptor,
  ModelFile,
  Preset,
} from './manifest.ts';
import { filesOf, type ModelFolder, openFolder, sourceOf } from './model-folder.ts';
import type { ProgressMeter } from './progress.ts';
import { isIntact, requireHashing } from './verification.ts';

/**
 * The models of one or several folders. Every file is verified before it is returned: its size and its SHA-256 must be
 * those that the manifest states, whether it was downloaded or read from the cache.
 */
export class ModelStore {
  readonly #folders: readonly ModelFolder[];
  readonly #cache: FileCache;
  /** The number of files that are being read. */
  #reading = 0;
  /** The paths of the files whose last read failed. */
  readonly #failed = new Set<string>();

  private constructor(folders: readonly ModelFolder[], cache: FileCache) {
    this.#folders = folders;
    this.#cache = cache;
    for (const { source, manifest, text } of folders) {
      if (!source.manifestKey) continue;
      const names = new Set(filesOf(manifest).map((file) => source.cacheKey(file).href));
      const isComplete = () => this.#reading === 0 && this.#failed.size === 0;
      cache.writeManifest({ url: source.manifestKey, text, names, isComplete });
    }
  }

  /**
   * Opens one folder or several. If two folders have a model of the same name, the model of the earlier folder is used.
   *
   * @throws {FaceNetError} `option-invalid` for an invalid URL, `model-missing` when a manifest cannot be read,
   *   `manifest-invalid` when a file is not a manifest.
   */
  static async open(sources: ModelFolderSources | undefined, signal?: AbortSignal): Promise<ModelStore> {
    const cache = FileCache.open();
    const folders = await Promise.all(modelFolders(sources).map((folder) => openFolder(folder, cache, signal)));
    return new ModelStore(folders, await cache);
  }

  /**
   * Opens the same folders again, if a deployment has changed a manifest since. Files that were read are cached first.
   *
   * @returns undefined if no manifest has changed.
   * @throws {FaceNetError} as {@link open}.
   */
  async reopened(signal: AbortSignal | undefined): Promise<ModelStore | undefined> {
    await this.persist();
    const cache = FileCache.open();
    const folders = await Promise.all(this.#folders.map(({ address }) => openFolder(address, cache, signal, 'reload')));
    if (folders.every(({ text }, i) => text === this.#folders[i]?.text)) return undefined;
    return new ModelStore(folders, await cache);
  }

  /** The models of a task, those of earlier folders first. */
  models<Task extends ModelDescriptor['task']>(task: Task): Extract<ModelDescriptor, { task: Task }>[] {
    return this.#folders.flatMap(({ manifest }) =>
      manifest.models.filter((model): model is Extract<ModelDescriptor, { task: Task }> => model.task === task),
    );
  }

  /** The detectors and landmarkers that are no networks, those of earlier folders first. */
  classical(): ClassicalDescriptor[] {
    return this.#folders.flatMap(({ manifest }) => manifest.classical ?? []);
  }

  /** The fusions, those of earlier folders first. */
  fusions(): FusionDescriptor[] {
    return this.#folders.flatMap(({ manifest }) => manifest.fusions ?? []);
  }

  /** The presets, those of earlier folders first. */
  presets(): Preset[] {
    return this.#folders.flatMap(({ manifest }) => manifest.presets ?? []);
  }

  /** The WebAssembly file with this name. @throws {FaceNetError} `model-missing` when no manifest lists it. */
  engine(name: EngineFileName): EngineFile {
    for (const { manifest } of this.#folders) {
      const engine = manifest.engines.find((file) => file.name === name);
      if (engine) return engine;
    }
    throw new FaceNetError(
      'model-missing',
      `No manifest lists the WebAssembly file "${name}": copy the whole models folder.`,
    );
  }

  /**
   * Reads a file from the cache, or from its folder, and verifies it.
   *
   * @throws {FaceNetError} `model-missing`, `model-corrupt` or `insecure-context`.
   * @throws {ContradictingFileError} one of these, if the folder has another file than the manifest states.
   */
  async read(file: ModelFile, meter: ProgressMeter, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    this.#reading++;
    this.#failed.add(file.path);
    try {
      const bytes = await this.#read(file, meter, signal);
      this.#failed.delete(file.path);
      return bytes;
    } finally {
      this.#reading--;
      this.#cache.schedule();
    }
  }

  async #read(file: ModelFile, meter: ProgressMeter, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const source = sourceOf(this.#folders, file);
    const key = source.cacheKey(file);
    requireHashing();
    const cached = await this.#cache.read(key);
    signal?.throwIfAborted();
    if (cached && (await isIntact(cached, file))) {
      meter.advance(file.path, cached.length);
      return cached;
    }
    const bytes = await readIntact(source.read, file, meter, signal).catch((error: unknown) => {
      if (!source.reload || !(error instanceof ContradictingFileError)) throw error;
      meter.expect(file.bytes);
      return readIntact(source.reload, file, meter, signal);
    });
    this.#cache.write(key, bytes, { replacesOlder: source.manifestKey === undefined });
    return bytes;
  }

  /**
   * Writes the files downloaded so far to the cache now. Otherwise this happens a second after the last download.
   *
   * @returns whether all of them are in the cache: the browser may deny it.
   */
  persist(): Promise<boolean> {
    return this.#cache.persist();
  }
}

/** Reads a file from its folder and verifies it. @throws {ContradictingFileError} if it is another file. */
async function readIntact(
  read: FolderSource['read'],
  file: ModelFile,
  meter: ProgressMeter,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await read(file, meter, signal);
  if (await isIntact(bytes, file)) return bytes;
  throw new ContradictingFileError(
    'model-corrupt',
    `${file.path} is damaged: it has ${bytes.length} bytes, and its SHA-256 is not the manifest's. Prepare or copy the models again. If add-model was interrupted, run it again.`,
  );
}
