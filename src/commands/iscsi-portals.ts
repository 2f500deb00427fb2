import type { Host } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { Output } from '../core/output.ts';
import { boundedAsRoot, endedByTimeout, linesOf } from './bounded.ts';
import { NOTHING_FOUND } from './iscsi-sessions.ts';

export interface KnownTarget {
  readonly portal: string;
  readonly iqn: string;
}

/** What the server lists to this very node, without writing it into the node's records. */
export type TargetList =
  | { readonly answer: 'listed'; readonly targets: readonly KnownTarget[] }
  | { readonly answer: 'silent' | 'refused' };

const PORTAL = /^(?:\[([\da-fA-F:.]{2,45})\]|([A-Za-z0-9][\w.-]{0,252})):(\d{1,5})$/;

/** Address and port of `10.0.10.15:3260` or `[fd00::15]:3260`; undefined for anything else. */
export function portalParts(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, six, four, port] = PORTAL.exec(text) ?? [];
  const address = six ?? four;
  return address === undefined ? undefined : { address, port: Number(port) };
}

export function requirePortal(text: string): string {
  partsOfPortal(text);
  return text;
}

export function partsOfPortal(text: string): NonNullable<ReturnType<typeof portalParts>> {
  const parts = portalParts(text);
  if (parts !== undefined) return parts;
  throw new Refusal('bad-request', `${JSON.stringify(text.slice(0, 300))} is no portal, as 10.0.10.15:3260 is`);
}

const DISCOVERY_S = 10;

export function listedTargets(node: Host, portal: string) {
  return defineRead<TargetList>({
    asks: `Which iSCSI targets does ${portal} list to ${node.name}?`,
    command: boundedAsRoot(node, DISCOVERY_S, [
      'iscsiadm',
      '-m',
      'discovery',
      '-t',
      'sendtargets',
      '-o',
      'nonpersistent',
      '-p',
      requirePortal(portal),
    ]),
    answers: [0, 4, 8, 11, NOTHING_FOUND, 124, 137],
    parse: parseDiscovery,
  });
}

export function parseDiscovery(output: Output): TargetList {
  const { exitCode, stdout, stderr } = output;
  if (exitCode === 0) {
    const targets = parseTargets(stdout);
    if (targets.length === 0) throw new Error('iscsiadm ends with 21 where no target is listed, and it said nothing');
    return { answer: 'listed', targets };
  }
  const said = stdout + stderr;
  if (exitCode === NOTHING_FOUND && /No portals found|No records found/.test(said)) return { answer: 'listed', targets: [] };
  if (endedByTimeout(output)) return { answer: 'silent' };
  if (/Connection refused/.test(said)) return { answer: 'refused' };
  if (/timed out|No route to host|Network is unreachable|encountered connection failure/.test(said)) return { answer: 'silent' };
  throw new Error(said);
}

/** `10.77.0.1:3260,1 iqn.…`, as discovery prints targets and `-m node` prints records. */
export function parseTargets(text: string): KnownTarget[] {
  return linesOf(text).map((line) => {
    const [, portal, iqn] = /^(\S+:\d+),-?\d+ (\S+)$/.exec(line) ?? [];
    if (portal === undefined || iqn === undefined) throw new Error(`not a target: ${line}`);
    return { portal, iqn };
  });
}
