import type { ExportEntry } from '../commands/nfs-client.ts';
import type { Dataset } from '../commands/zfs.ts';
import { datasetOf } from '../commands/zfs.ts';
import { isAtOrBelow } from '../core/path.ts';
import type { Seen } from '../core/reading.ts';

/** `hidden`: an export above it is in force, but the path is a dataset of its own, which clients of that export see empty. */
export type ExportState = 'exported' | 'other-network' | 'hidden' | 'not-exported';

export interface InForce {
  readonly active: readonly ExportEntry[];
  /** Absent where they could not be seen, or the server has none. */
  readonly datasets?: readonly Dataset[];
  /** Whom the export must admit, in CIDR form. */
  readonly network: string;
}

/** Whether clients of this network can mount the path now. */
export function exportStateOf(path: string, { active, datasets = [], network }: InForce): ExportState {
  const above = active.filter((entry) => isAtOrBelow(path, entry.path));
  if (above.length === 0) return 'not-exported';
  const own = datasetOf(datasets, path)?.name;
  const reaching = above.filter((entry) => entry.path === path || datasetOf(datasets, entry.path)?.name === own);
  if (reaching.length === 0) return 'hidden';
  return reaching.some(({ clients }) => admits(clients, network)) ? 'exported' : 'other-network';
}

type Active = Seen<readonly ExportEntry[]>;

/** The list of exports before and after a change, one line for each that differs; nothing where one could not be seen. */
export function exportChanges(before: Active | undefined, after: Active | undefined): readonly string[] {
  if (!before?.known || !after?.known) return [];
  const [then, now] = [before, after].map(({ value }) => [...new Set(value.map(({ path }) => path))]);
  const gone = then?.filter((path) => !now?.includes(path)).map((path) => `- ${path}`) ?? [];
  const added = now?.filter((path) => !then?.includes(path)).map((path) => `+ ${path}`) ?? [];
  return [`exports: ${then?.length} before, ${now?.length} now`, ...gone, ...added];
}

const EVERYBODY = ['*', '<world>', 'everyone', 'Everyone'];

/** True also where the clients are not shown or are names: then it is not known to exclude anybody. */
function admits(clients: string, network: string): boolean {
  const all = clients
    .replaceAll(/\([^)]*\)/g, '')
    .split(/[\s,]+/)
    .filter((client) => client !== '');
  const wanted = rangeOf(network);
  if (all.length === 0 || wanted === undefined) return true;
  return all.some((client) => {
    const range = rangeOf(client);
    return isEverybody(client) || range === undefined || (range.first <= wanted.first && wanted.last <= range.last);
  });
}

function isEverybody(client: string): boolean {
  return (
    EVERYBODY.includes(client) || /^(?:\d+\.){3}\d+\/0(?:\.0\.0\.0)?$/.test(client) || /^[\da-f:]*:[\da-f:]*\/0$/i.test(client)
  );
}

/** Clients that are a name, a pattern of names, a group or an address of IPv6: whom they are is not written there. */
export function namesIn(clients: readonly string[]): readonly string[] {
  return clients.filter((client) => !isEverybody(client) && !/^(?:\d+\.){3}\d+(?:\/|$)/.test(client));
}

/** Of these clients those that are somebody else than this network: `everybody`, or networks and hosts outside of it. */
export function strangersIn(clients: readonly string[], network: string): 'everybody' | readonly string[] {
  if (clients.some(isEverybody)) return 'everybody';
  const own = rangeOf(network);
  return clients.filter((client) => {
    const range = rangeOf(client);
    return own !== undefined && range !== undefined && (range.first < own.first || range.last > own.last);
  });
}

/** `10.0.20.0/255.255.255.0`, which Linux takes as well, as `10.0.20.0/24`. */
function withLength(text: string): string {
  const [network = '', mask = ''] = text.split('/');
  const bits = mask.split('.').map((part) => Number(part).toString(2).padStart(8, '0'));
  return bits.length === 4 && /^1*0*$/.test(bits.join('')) ? `${network}/${bits.join('').replaceAll('0', '').length}` : text;
}

/** The addresses of `10.0.20.0/24` or `10.0.20.7` as numbers; undefined for anything else. FreeBSD drops the length of a network. */
function rangeOf(text: string): { readonly first: number; readonly last: number } | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(withLength(text));
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = match.slice(1, 5).map(Number);
  const length = match[5] === undefined ? (d === 0 ? undefined : 32) : Number(match[5]);
  if (length === undefined || length > 32) return undefined;
  const size = 2 ** (32 - length);
  const first = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  return { first, last: first + size - 1 };
}
