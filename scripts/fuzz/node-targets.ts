import { targets as classicalTargets } from './node-classical-targets.ts';
import { targets as conversionTargets } from './node-conversion-targets.ts';
import { targets as detectorTargets } from './node-detector-targets.ts';
import { targets as errorTargets } from './node-error-targets.ts';
import { targets as galleryTargets } from './node-gallery-targets.ts';
import { targets as modelTargets } from './node-model-targets.ts';
import { targets as weightTargets } from './node-weight-targets.ts';
import type { NodeTarget } from './target.ts';

/** The targets that need no browser, by their module. The process of a target imports only its module, which takes less time. */
const modules: Record<string, Record<string, NodeTarget>> = {
  './node-model-targets.ts': modelTargets,
  './node-conversion-targets.ts': conversionTargets,
  './node-weight-targets.ts': weightTargets,
  './node-detector-targets.ts': detectorTargets,
  './node-classical-targets.ts': classicalTargets,
  './node-gallery-targets.ts': galleryTargets,
  './node-error-targets.ts': errorTargets,
};

/** The targets that need no browser. */
export const nodeTargets: Record<string, NodeTarget> = Object.assign({}, ...Object.values(modules));

/** The module that exports a target as one of its `targets`. @throws {Error} if there is none. */
export function moduleOf(name: string): string {
  const found = Object.entries(modules).find(([, targets]) => name in targets);
  if (!found) throw new Error(`No module has a target "${name}".`);
  return found[0];
}
