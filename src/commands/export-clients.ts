import type { ExportLine } from './exports.ts';
import type { Flavour } from './nas.ts';
import type { Dataset } from './zfs.ts';
import { datasetOf } from './zfs.ts';

/** Who may mount an export, and how: what follows the path in its line, read by the rules of its server. */
export interface ExportClients {
  /** `*` for everybody. */
  readonly clients: readonly string[];
  /** All but the clients, in a fixed order. */
  readonly options: readonly string[];
}

/** Of `-maproot="root":"wheel" -network 10.0.20.0/24` and of `10.0.20.0/24(rw,sync) 10.0.20.9(ro)`. */
export function exportClients(rest: string, flavour: Flavour): ExportClients {
  return flavour === 'core' ? onFreeBsd(rest) : onLinux(rest);
}

function onLinux(rest: string): ExportClients {
  const groups = [...rest.matchAll(/([^\s()]*)\(([^)]*)\)|([^\s()]+)/g)];
  const clients = groups.map(([, named, , bare]) => named ?? bare ?? '').map((client) => (client === '' ? '*' : client));
  const options = groups.flatMap(([, , list = '']) => list.split(',')).filter((option) => option !== '');
  return { clients: clients.length === 0 ? ['*'] : clients, options: [...new Set(options)].toSorted() };
}

/** exports(5) of FreeBSD: options begin with a dash, the others are hosts; neither hosts nor a network is everybody. */
function onFreeBsd(rest: string): ExportClients {
  const words = rest.split(/\s+/).filter((word) => word !== '');
  const clients: string[] = [];
  const options: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [name, value] = word.split('=', 2);
    if (name === '-network' || name === '-mask') {
      const given = value ?? words[(index += 1)] ?? '';
      if (name === '-network') clients.push(given);
      else clients.push(withMask(clients.pop() ?? '', given));
    } else if (word.startsWith('-')) options.push(word);
    else clients.push(word);
  }
  return { clients: clients.length === 0 ? ['*'] : clients, options: options.toSorted() };
}

function withMask(network: string, mask: string): string {
  const bits = mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) && bits.length === 32 ? `${network}/${bits.indexOf('0') < 0 ? 32 : bits.indexOf('0')}` : network;
}

export interface OptionsConflict {
  readonly path: string;
  /** The line before it of the same file system and clients, which FreeBSD keeps. */
  readonly before: { readonly path: string; readonly options: string };
}

/** Lines that FreeBSD refuses: one file system for the same clients with other options than in a line before. */
export function optionConflicts(lines: readonly ExportLine[], datasets: readonly Dataset[]): readonly OptionsConflict[] {
  const first = new Map<string, OptionsConflict['before']>();
  return lines.flatMap(({ path, rest }) => {
    const { clients, options } = exportClients(rest, 'core');
    const own = options.join(' ');
    return clients.flatMap((client) => {
      const key = `${datasetOf(datasets, path)?.name ?? ''} ${client}`;
      const before = first.get(key) ?? { path, options: own };
      first.set(key, before);
      return before.options === own ? [] : [{ path, before }];
    });
  });
}
