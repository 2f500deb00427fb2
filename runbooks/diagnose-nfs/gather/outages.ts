import { clockOf } from '../../../src/commands/node-system.ts';
import { filesWritten } from '../../../src/commands/written-files.ts';
import type { Reader, Seen } from '../../../src/core/reading.ts';
import type { CauseFacts, Outage } from '../causes.ts';
import type { Found, NodeFacts } from '../facts.ts';

/** Lines of the kernel that are further apart are of two outages. */
const APART_S = 600;
/** A call that is given up began half a minute before, and what it wrote may still arrive a while after. */
const BEFORE_S = 30;
const AFTER_S = 60;
/** What was lost longer ago is found by comparing with a snapshot, not by the times of files. */
const DAYS = 7;

/** The last outage of each node that holds a soft mount of these volumes, as its kernel tells; none before all mounts answer again. */
export function outagesOf({ nodes, server }: Pick<Found, 'nodes' | 'server'>): Outage[] {
  const isOver = nodes.every(({ probes }) => probes.every(({ answer }) => answer.known && answer.value.state === 'answers'));
  if (!isOver) return [];
  return nodes
    .filter(({ probes }) => probes.some(({ mount }) => mount.options.includes('soft')))
    .flatMap((node) => {
      const window = lastWindow(node, server);
      return window === undefined ? [] : [{ node: node.name, window }];
    });
}

function lastWindow({ kernel }: NodeFacts, server: string): Outage['window'] | undefined {
  if (!kernel.known) return undefined;
  const times = kernel.value.flatMap((line) => (line.server === server && line.says === 'gives-up' ? (line.atS ?? []) : []));
  const last = times.at(-1);
  if (last === undefined) return undefined;
  const first = times.reduceRight((from, at) => (from - at <= APART_S ? Math.min(from, at) : from), last);
  return { fromS: first - BEFORE_S, toS: last + AFTER_S };
}

interface Before {
  readonly found: Found;
  readonly clocks: CauseFacts['clocks'];
}

/** Files of the volumes that were mounted there, written meanwhile; nothing while the server waits for its disks. */
export async function gatherWritten(
  outages: readonly Outage[],
  { found, clocks }: Before,
  read: Reader,
): Promise<Pick<CauseFacts, 'written' | 'nasClock'>> {
  const { site, nas } = found;
  const busy =
    nas.processes?.known !== true ||
    nas.processes.value.some(({ state, program }) => state === 'D' && program.startsWith('nfsd'));
  if (outages.length === 0 || busy) return { written: [] };
  const nasClock = await read(clockOf(site.nas.host));
  const wanted = outages.flatMap((outage) => {
    const window = onNas(outage, clocks[outage.node], nasClock);
    return window === undefined ? [] : softPaths(outage.node, found).map((path) => ({ node: outage.node, path, window }));
  });
  const written = await Promise.all(
    wanted.map(async (each) => ({ ...each, files: await read(filesWritten(site.nas.host, each.path, each.window)) })),
  );
  return { written, nasClock };
}

/** The same time by the clock of the NAS, which gives files their times. */
function onNas({ window }: Outage, clock: Seen<number> | undefined, nasClock: Seen<number>): Outage['window'] | undefined {
  if (!clock?.known || !nasClock.known || clock.value - window.toS > DAYS * 86_400) return undefined;
  const aheadS = nasClock.value - clock.value;
  return { fromS: window.fromS + aheadS, toS: window.toS + aheadS };
}

function softPaths(node: string, { nodes }: Found): string[] {
  const probes = nodes.filter(({ name }) => name === node).flatMap((each) => each.probes);
  const soft = probes.filter(({ mount }) => mount.options.includes('soft'));
  return [...new Set(soft.map(({ volume }) => volume.backing.path))].toSorted();
}
