import { exportClients } from '../../src/commands/export-clients.ts';
import { rootedAtFsidZero } from '../../src/commands/exports.ts';
import { together } from '../../src/core/finding.ts';
import { isAtOrBelow } from '../../src/core/path.ts';
import type { Known } from '../../src/core/reading.ts';
import { pathsIn } from '../../src/repairs/export-checks.ts';
import { exportStateOf, namesIn, strangersIn } from '../../src/topology/exported.ts';
import type { Facts } from './facts.ts';
import { isMeant, linesOf } from './facts.ts';
import type { Part } from './finding.ts';
import { found, NOTHING } from './finding.ts';

/** Who may mount what is in force. */
export function diagnoseClients(facts: Facts): Part {
  const clients = clientsInForce(facts);
  const paths = [...clients.of.keys()].filter((path) => isMeant(facts, path));
  return together([fsidZero(facts), ...paths.map((path) => admitted(facts, path, clients))]);
}

/** Clients in force of whom the exports do not say at which address they are. */
export function namedClients(facts: Facts): readonly string[] {
  const all = [...clientsInForce(facts).of].flatMap(([path, clients]) => (isMeant(facts, path) ? namesIn(clients) : []));
  return [...new Set(all)].toSorted();
}

interface InForce {
  readonly of: ReadonlyMap<string, readonly string[]>;
  readonly seen: readonly Known<unknown>[];
}

/** Linux prints them with what is in force. FreeBSD does not: there its file says so. */
function clientsInForce({ nas: { flavour, active, file } }: Facts): InForce {
  if (flavour === undefined || !active?.known) return { of: new Map(), seen: [] };
  const inForce = pathsIn(active.value);
  if (flavour !== 'core') {
    const entries = active.value.map(({ path, clients }) => ({ path, rest: clients }));
    return { of: byPath(entries, (rest) => exportClients(rest, flavour).clients), seen: [active] };
  }
  if (!file?.known) return { of: new Map(), seen: [] };
  const lines = file.value.filter(({ path }) => inForce.includes(path));
  return { of: byPath(lines, (rest) => exportClients(rest, flavour).clients), seen: [active, file] };
}

type Line = { readonly path: string; readonly rest: string };

function byPath(lines: readonly Line[], clientsOf: (rest: string) => readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(lines, ({ path }) => path);
  return new Map([...groups].map(([path, own]) => [path, own.flatMap(({ rest }) => clientsOf(rest))]));
}

function admitted({ site }: Facts, path: string, { of, seen: [first, ...more] }: InForce): Part {
  const network = site.nas.clientNetwork;
  const clients = of.get(path) ?? [];
  if (first === undefined) return NOTHING;
  const seen = [first, ...more] as const;
  const strangers = strangersIn(clients, network);
  if (strangers === 'everybody') return open(path, seen);
  const state = exportStateOf(path, { active: [{ path, clients: clients.join(' ') }], network });
  if (state === 'other-network') return wrong(path, `${clients.join(', ')}, and not to the nodes' network ${network}`, seen);
  if (strangers.length === 0) return NOTHING;
  return found({
    code: 'export-to-other-network',
    subject: path,
    says: `${path} is exported to ${strangers.join(', ')} as well, which is not ${network}`,
    remedy:
      'Find out who mounts it from there (showmount -a shows NFSv3 clients). Where nobody does, take those clients out of the export.',
    doNot: 'Do not take them out before you know: a machine that mounts it loses it at once.',
    seen,
  });
}

type Proofs = readonly [Known<unknown>, ...Known<unknown>[]];

function open(path: string, seen: Proofs): Part {
  return found({
    code: 'export-open-to-world',
    subject: path,
    says: `${path} is exported to everybody who reaches the server`,
    remedy: 'Name the network of its clients in the export (on TrueNAS in the share). Find out first who else mounts it.',
    doNot: 'Do not narrow it before you know all its clients: who is left out loses the mount at once.',
    seen,
  });
}

function wrong(path: string, who: string, seen: Proofs): Part {
  return found({
    code: 'export-wrong-network',
    subject: path,
    says: `${path} is exported to ${who}`,
    remedy: "Add the network to the export that is there (on TrueNAS in the share's settings), then reload.",
    doNot: 'Do not export the path a second time: two lines for one file system contradict each other.',
    seen,
  });
}

/** Meant where the volumes name paths below that root. */
function fsidZero({ nas, site, users }: Facts): Part {
  const from = linesOf(nas);
  if (from === undefined || nas.flavour === undefined || nas.flavour === 'core') return NOTHING;
  const line = rootedAtFsidZero(from.lines);
  const isRoot = users.length > 0 && users.every(({ path }) => !site.nas.roots.some((root) => isAtOrBelow(path, root)));
  if (line === undefined || isRoot) return NOTHING;
  return found({
    code: 'fsid-zero',
    subject: line.path,
    says: `${line.path} is exported with fsid=0: for NFSv4 clients it is the root of the server, and every other path is gone for each new mount`,
    remedy: `Take fsid=0 out of that line and reload the exports: /storage diagnose nfs of a service on this NAS offers that.`,
    doNot: `Do not restart the NFS server on ${site.nas.host.name}: that broke the mounts that still worked on 2026-04-14.`,
    seen: from.files,
  });
}
