import { FaceNetError } from '../../lib/core/errors.ts';
import { deserialiseError, type SerialisedError, serialiseError } from '../../lib/workers/serialised-error.ts';
import { mutateJson } from './mutate.ts';
import { type NodeTarget, nodeTarget } from './target.ts';

/** Errors as a worker serialises them. */
export const targets: Record<string, NodeTarget> = {
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
