/** How often each interesting thing happened, so that a campaign in which it never does is seen to prove nothing. */
export function createTally() {
  const counts = new Map<string, number>();
  return {
    count: (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    of: (what: string) => counts.get(what) ?? 0,
    all: () => Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

export type Tally = ReturnType<typeof createTally>;
