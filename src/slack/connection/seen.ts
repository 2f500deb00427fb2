/** Slack sends again what it thinks was lost for a few minutes at most. */
export const DUPLICATE_FOR_MS = 15 * 60_000;

const MAX_REMEMBERED = 20_000;

/** Remembers identities for a while. */
export function createSeen(forMs: number, clock: () => number = () => performance.now()) {
  const until = new Map<string, number>();
  return {
    /** True when none of these identities was here before; all of them are remembered. */
    isNew(identities: readonly string[]): boolean {
      const now = clock();
      for (const [identity, at] of until) {
        if (at > now && until.size <= MAX_REMEMBERED) break;
        until.delete(identity);
      }
      const fresh = identities.every((identity) => !until.has(identity));
      for (const identity of identities) if (!until.has(identity)) until.set(identity, now + forMs);
      return fresh;
    },
  };
}
