import { FaceNetError } from '../../lib/core/errors.ts';
import { deserialiseError, type SerialisedError, serialiseError } from '../../lib/workers/serialised-error.ts';
import { mutateJson } from './mutate.ts';
import { classicalTargets } from './node-classical-targets.ts';
import { conversionTargets } from './node-conversion-targets.ts';
import { detectorTargets } from './node-detector-targets.ts';
import { galleryTargets } from './node-gallery-targets.ts';
import { modelTargets } from './node-model-targets.ts';
import { weightTargets } from './node-weight-targets.ts';
import { type NodeTarget, nodeTarget } from './target.ts';

/** The targets that need no browser. */
export const nodeTargets: Record<string, NodeTarget> = {
  ...modelTargets,
  ...conversionTargets,
  ...weightTargets,
  ...detectorTargets,
  ...classicalTargets,
  ...galleryTargets,
  errors: nodeTarget<unknown>({
    limitMs: 1000,
    make: (random) => mutateJson(random, serialiseError(new FaceNetError('disposed', 'x', { cause: new Error('y') }))),
    async run(sent) {
      const error = deserialiseError(Object(sent) as SerialisedError);
      if (!(error instanceof Error)) throw new Error('it is not an Error');
      serialiseError(error);
      return 'answer';
    },
  }),
};
