import fc from 'fast-check';

/**
 * Every run generates the same examples, so that a new failure is caused by the change under test. To try other
 * examples: `SEED=7 npm run test:unit`.
 */
fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
