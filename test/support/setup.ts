import fc from 'fast-check';

/**
 * Every run draws the same examples, so that a failure is the change's that it shows up with. Other examples, to look for what these
 * miss: `SEED=7 npm run test:unit`.
 */
fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
