/** Runs one piece of work at a time for each target, in the order in which they came. */
export type Turns = (target: string, work: () => Promise<void>) => Promise<void>;

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return (target, work) => {
    const before = last.get(target) ?? Promise.resolve();
    // Whoever waits for the one before hears of its failure; the next one goes on.
    const mine = before.catch(() => undefined).then(work);
    last.set(target, mine);
    const forget = () => void (last.get(target) === mine && last.delete(target));
    mine.then(forget, forget);
    return mine;
  };
}
