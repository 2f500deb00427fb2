import type { Store } from '../../src/store/store.ts';
import type { Build } from './commands.ts';
import type { Mortal } from './gates.ts';
import { Killed } from './gates.ts';

const WRITES: ReadonlySet<string> = new Set(
  'addRun markLooking endRun addRound offer remind setProgress moveStep begin addDecision cancel withdraw takeOver touch claim note'.split(
    ' ',
  ),
);

/** When a bot is to be killed: around the write after this many more. */
export interface Fuse {
  writes: number;
  readonly side: 'before' | 'after';
  /** The version that comes after it. */
  readonly build: Build;
}

export interface Fused extends Mortal {
  fuse: Fuse | undefined;
}

/** The store as one life of the bot has it: nothing of it works once that life is over. */
export function mortalStore(store: Store, life: Fused): Store {
  return mortal(store, life, (name, work) => {
    const burnt = WRITES.has(name) && life.fuse !== undefined && life.fuse.writes-- === 0;
    if (burnt && life.fuse?.side === 'before') return end(life);
    const result = work();
    return burnt ? end(life) : result;
  });
}

/** The same object, none of whose functions works once its owner is dead. */
export function mortal<T extends object>(
  object: T,
  life: Mortal,
  around: (name: string, work: () => unknown) => unknown = (_name, work) => work(),
): T {
  const guarded = Object.entries(object).map(([name, work]: [string, (...values: unknown[]) => unknown]) => [
    name,
    (...values: unknown[]) => {
      if (life.dead) throw new Killed();
      return around(name, () => work(...values));
    },
  ]);
  return { ...object, ...Object.fromEntries(guarded) };
}

function end(life: Mortal): never {
  life.dead = true;
  throw new Killed();
}
