import type { Build, Fate } from './commands.ts';

/** One life of the bot. Once it is over, what it waited for never comes, and nothing that it does has an effect. */
export interface Mortal {
  readonly build: Build;
  dead: boolean;
}

/** What the code of a killed bot runs into: as if it had not gone on at all. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

interface Waiting {
  readonly owner: Mortal;
  readonly through: (fate: Fate) => void;
  readonly drop: () => void;
}

/** Everything that the bot waits for at the moment; nothing goes on before it is let through. */
export function createGates() {
  let waiting: Waiting[] = [];
  return {
    count: () => waiting.length,
    /** Resolves with what `happen` returns in the moment in which it is let through. */
    pass<T>(owner: Mortal, happen: (fate: Fate) => T): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const drop = () => reject(new Killed());
      if (owner.dead) drop();
      else waiting.push({ owner, drop, through: (fate) => resolve(happen(fate)) });
      return promise;
    },
    /** Lets one through, and comes back when all that follows from it has come to its next wait. */
    async let(pick: number, fate: Fate): Promise<void> {
      const [chosen] = waiting.splice(pick % waiting.length, 1);
      chosen?.through(fate);
      await still();
    },
    async bury(): Promise<void> {
      const gone = waiting.filter(({ owner }) => owner.dead);
      waiting = waiting.filter(({ owner }) => !owner.dead);
      for (const { drop } of gone) drop();
      await still();
    },
  };
}

export type Gates = ReturnType<typeof createGates>;

/** All microtasks are done by then, and the bot under test has nothing else to go on with. */
export function still(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
