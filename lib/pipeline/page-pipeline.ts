import { engines } from './engines.ts';
import { LocalPipeline } from './local-pipeline.ts';
import type { LoadOptions } from './options.ts';

/** Loads a pipeline in this thread, with every engine but without threads, for which a page may not wait. */
export function loadOnPage(options: LoadOptions): Promise<LocalPipeline> {
  return LocalPipeline.load(options, { engines });
}
