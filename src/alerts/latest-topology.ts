import { messageOf } from '../core/errors.ts';
import type { Memory } from '../core/memory.ts';
import { FoundationsIndex, NO_FOUNDATIONS } from '../topology/foundations.ts';

/** What stands on what, as it was last seen. */
export interface Topology {
  /** Reads the cluster where what is known is old. Never rejects: while the cluster cannot be read, what was read last counts. */
  readonly latest: () => Promise<FoundationsIndex>;
  /** The same without a look. */
  readonly known: () => FoundationsIndex;
}

export interface TopologyOptions {
  /** Reads the whole cluster, of which it is told what was known before; rejects when it cannot. */
  readonly read: (before: FoundationsIndex) => Promise<FoundationsIndex>;
  readonly memory: Memory;
  readonly clock: () => number;
  readonly log: { readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void };
  /** How long what was read counts as new. */
  readonly freshMs?: number;
  /** How long the cluster has to answer before what was read last is used. */
  readonly patienceMs?: number;
}

const MEMORY = 'topology';
const FRESH_MS = 60_000;
const PATIENCE_MS = 5_000;

/** Remembers the last good reading, so that alerts are placed also while the API server is silent. */
export function createTopology(options: TopologyOptions): Topology {
  const { clock, freshMs = FRESH_MS, patienceMs = PATIENCE_MS } = options;
  let known = recalled(options);
  let askedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  const read = async () => {
    try {
      known = await options.read(known);
      options.memory.remember(MEMORY, known);
    } catch (error) {
      options.log.warn({ reason: messageOf(error) }, 'the cluster could not be read; alerts are placed by what was seen last');
    } finally {
      reading = undefined;
    }
  };
  return {
    known: () => known,
    async latest() {
      const now = clock();
      if (reading === undefined && (now - askedAt >= freshMs || now < askedAt)) {
        askedAt = now;
        reading = read();
      }
      if (reading !== undefined) await atMost(patienceMs, reading);
      return known;
    },
  };
}

/** What another version remembered in another form is not known. */
function recalled({ memory }: TopologyOptions): FoundationsIndex {
  const { data } = FoundationsIndex.safeParse(memory.recall(MEMORY));
  return data ?? NO_FOUNDATIONS;
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
