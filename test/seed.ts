import fc from 'fast-check';

const asked = process.env['STORAGEBOT_SEED'] ?? '20260403';

/**
 * What all generated tests start from: the same in every run, so that a build does not fail by chance. `STORAGEBOT_SEED=random` looks for
 * what nobody has seen yet, and a failure prints its seed; a number repeats that.
 */
export const seed = asked === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(asked);

fc.configureGlobal({ seed });

export { default as fc } from 'fast-check';
