import type { Host } from '../core/command.ts';
import { defineRead, on, operand } from '../core/command.ts';
import type { Output } from '../core/output.ts';
import { bounded, boundedAsRoot, ENDED_BY_TIMEOUT, endedByTimeout, linesOf } from './bounded.ts';

const PROBE_S = 4;
const TEST_MOUNT_S = 5;

/** `refused`: the host answers and nothing listens. `silent`: nothing answers, or the way there is broken. */
export type PortState = 'open' | 'refused' | 'silent';

/** Asked with bash's own /dev/tcp, since a node need not have netcat. */
export function portState(node: Host, address: string, port: number) {
  return defineRead<PortState>({
    asks: `Does ${address} accept TCP connections on port ${port} from ${node.name}?`,
    command: bounded(node, PROBE_S, ['bash', '-c', 'exec 3<>"/dev/tcp/$0/$1"', operand(address), `${port}`]),
    answers: [0, 1, ...ENDED_BY_TIMEOUT],
    parse: (output) => {
      if (output.exitCode === 0) return 'open';
      if (endedByTimeout(output)) return 'silent';
      if (/connection refused/i.test(output.stderr)) return 'refused';
      if (/no route to host|network is unreachable|timed out/i.test(output.stderr)) return 'silent';
      throw new Error(output.stderr);
    },
  });
}

export interface ExportEntry {
  readonly path: string;
  /** Networks or hosts that may mount it, as the server prints them. */
  readonly clients: string;
}

/** What the server's mountd answers: its exports, or that it is not registered while the host answers. */
export type ExportList =
  | { readonly answer: 'listed'; readonly exports: readonly ExportEntry[] }
  | { readonly answer: 'not-registered' }
  | { readonly answer: 'silent' };

export function exportsOf(from: Host, server: string) {
  return defineRead<ExportList>({
    asks: `Which exports does ${server} list to ${from.name}?`,
    command: bounded(from, PROBE_S, ['/usr/sbin/showmount', '--no-headers', '--exports', operand(server)]),
    answers: [0, 1, ...ENDED_BY_TIMEOUT],
    parse: parseShowmount,
  });
}

export function parseShowmount(output: Output): ExportList {
  if (output.exitCode === 0) return { answer: 'listed', exports: linesOf(output.stdout).filter(isEntry).map(toEntry) };
  if (endedByTimeout(output)) return { answer: 'silent' };
  if (/Program not registered/.test(output.stderr)) return { answer: 'not-registered' };
  if (/Unable to receive|Timed out|No route to host|Connection refused|Port mapper failure/i.test(output.stderr)) {
    return { answer: 'silent' };
  }
  throw new Error(output.stderr);
}

function isEntry(line: string): boolean {
  return line.startsWith('/');
}

/** Linux parts clients with commas, so that a path may hold blanks; FreeBSD parts its addresses with blanks. */
function toEntry(line: string): ExportEntry {
  const parts = line.trimEnd().split(/(\s+)/);
  let first = parts.length - 1;
  if (first === 0) return { path: line.trimEnd(), clients: '' };
  while (first >= 4 && isIPv4(parts[first]) && isIPv4(parts[first - 2])) first -= 2;
  return { path: parts.slice(0, first - 1).join(''), clients: parts.slice(first).join('') };
}

function isIPv4(word = ''): boolean {
  return /^\d+(?:\.\d+){3}$/.test(word);
}

export interface ClientMount {
  readonly client: string;
  /** Path on the server. */
  readonly path: string;
}

/** What clients told mountd that they mount. NFSv4 clients tell it nothing, and one that vanished may stand there for ever. */
export function mountList(nas: Host) {
  return defineRead<readonly ClientMount[]>({
    asks: `Which clients told mountd of ${nas.name} that they mount something?`,
    command: boundedAsRoot(nas, PROBE_S, ['showmount', '-a', '127.0.0.1']),
    answers: [0],
    parse: ({ stdout }) => parseMountList(stdout),
  });
}

export function parseMountList(text: string): ClientMount[] {
  const [header, ...rows] = linesOf(text);
  if (header === undefined || !header.startsWith('All mount points on ')) throw new Error('no list of mount points');
  return rows.map((row) => {
    const colon = row.indexOf(':/');
    if (colon <= 0) throw new Error(`not a mount of a client: ${row}`);
    return { client: row.slice(0, colon), path: row.slice(colon + 1).trimEnd() };
  });
}

/** NFS versions that answer a null call on port 2049, without asking the port mapper. */
export function nullCall(from: Host, server: string, version: 3 | 4) {
  return defineRead<'answers' | 'no-version' | 'silent'>({
    asks: `Does NFSv${version} of ${server} answer a null call from ${from.name}?`,
    command: bounded(from, PROBE_S, ['/usr/sbin/rpcinfo', '-n', '2049', '-t', operand(server), 'nfs', `${version}`]),
    answers: [0, 1, ...ENDED_BY_TIMEOUT],
    parse: (output) => {
      if (output.exitCode === 0 && /ready and waiting/.test(output.stdout)) return 'answers';
      if (endedByTimeout(output)) return 'silent';
      const said = output.stdout + output.stderr;
      if (/mismatch|not available|unavailable/i.test(said)) return 'no-version';
      if (/timed out|unable|refused|no route|not registered/i.test(said)) return 'silent';
      throw new Error(said);
    },
  });
}

export interface Mount {
  readonly server: string;
  /** Path on the server. */
  readonly remotePath: string;
  readonly mountPoint: string;
  /** `3`, `4.1`, `4.2` … */
  readonly version: string;
  readonly options: readonly string[];
}

/** The node's NFS mounts from the kernel's table, which answers even while a mount hangs. */
export function mountsOf(node: Host) {
  return defineRead<readonly Mount[]>({
    asks: `Which NFS mounts does ${node.name} have?`,
    command: on(node, 7_000, 'cat', '/proc/mounts'),
    answers: [0],
    parse: ({ stdout }) => parseProcMounts(stdout),
  });
}

export function parseProcMounts(text: string): Mount[] {
  const lines = linesOf(text);
  if (lines.length === 0) throw new Error('the table of mounts is empty');
  return lines.flatMap((line) => {
    const [source, mountPoint, type, options] = line.split(' ').map(unescapeOctal);
    if (source === undefined || mountPoint === undefined || options === undefined) throw new Error(`not a mount: ${line}`);
    return type === 'nfs' || type === 'nfs4' ? [toMount(source, mountPoint, options.split(','))] : [];
  });
}

function toMount(source: string, mountPoint: string, options: readonly string[]): Mount {
  const colon = source.indexOf(':/');
  if (colon < 0) throw new Error(`not an NFS source: ${source}`);
  const version = options.find((option) => option.startsWith('vers='))?.slice('vers='.length) ?? 'unknown';
  const server = source.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { server, remotePath: source.slice(colon + 1), mountPoint, version, options };
}

/** The kernel writes blanks, tabs, line feeds and backslashes in this table as \040 and so on. */
function unescapeOctal(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** The pod that a kubelet mount point belongs to. */
export function podUidOf({ mountPoint }: Mount): string | undefined {
  return /\/pods\/([0-9a-f-]{36})\/volume(?:s|-subpaths)\//.exec(mountPoint)?.[1];
}

/** What one call to a mounted directory gives: its owner, or the way it fails. */
export type MountAnswer =
  | { readonly state: 'answers'; readonly uid: number; readonly gid: number }
  | { readonly state: 'hangs' | 'stale' | 'io-error' | 'gone' };

/**
 * Calls a mounted directory once. What the node remembers of it would be no answer, hence `--cached=never`. Soft mounts do not
 * bound this either, so timeout(1) does.
 */
export function probeMount(node: Host, mountPoint: string) {
  return defineRead<MountAnswer>({
    asks: `Does ${mountPoint} answer on ${node.name}?`,
    command: boundedAsRoot(node, PROBE_S, ['stat', '--cached=never', '--format=%u:%g', operand(mountPoint)]),
    answers: [0, 1, ...ENDED_BY_TIMEOUT],
    parse: parseProbe,
  });
}

export function parseProbe(output: Output): MountAnswer {
  if (endedByTimeout(output)) return { state: 'hangs' };
  const owner = /^(\d+):(\d+)$/.exec(output.stdout.trim());
  if (output.exitCode === 0 && owner) return { state: 'answers', uid: Number(owner[1]), gid: Number(owner[2]) };
  if (/Stale file handle/.test(output.stderr)) return { state: 'stale' };
  if (/Input\/output error/.test(output.stderr)) return { state: 'io-error' };
  if (/No such file or directory/.test(output.stderr)) return { state: 'gone' };
  throw new Error(output.stderr || output.stdout);
}

export interface TestVolume {
  /** Path on the server. */
  readonly path: string;
  /** `3`, `4`, `4.0`, `4.1` or `4.2`; client and server agree on one where it is absent or anything else. */
  readonly version?: string | undefined;
}

export type TestMount = 'mounts' | 'denied' | 'no-such-path' | 'unsupported' | 'stale' | 'io-error' | 'silent' | 'hangs';

/**
 * Mounts the path read-only inside a mount namespace of its own, which ends with the command: nothing is left behind and no
 * process but this one sees it. Not for a node with a mount.nfs in state D, where it would hang as well. Without `retry=0`
 * mount.nfs tries a refused connection for two minutes; without `nolock` NFSv3 needs rpc.statd here, and starts it.
 */
export function testMount(node: Host, server: string, { path, version }: TestVolume) {
  const options = `ro,soft,timeo=20,retrans=1,retry=0,nolock,nosharecache${versionOption(version)}`;
  return defineRead<TestMount>({
    asks: `Can ${node.name} make a fresh mount of ${server}:${path}?`,
    command: boundedAsRoot(node, TEST_MOUNT_S, [
      ...(['unshare', '--mount', 'mount', '-t', 'nfs', '-o', options] as const),
      operand(`${server.includes(':') && !server.startsWith('[') ? `[${server}]` : server}:${path}`),
      '/mnt',
    ]),
    answers: [0, 32, ...ENDED_BY_TIMEOUT],
    parse: parseTestMount,
  });
}

function versionOption(version = ''): string {
  return /^(?:3|4(?:\.[012])?)$/.test(version) ? `,vers=${version}` : '';
}

const MOUNT_ERRORS: readonly (readonly [RegExp, TestMount])[] = [
  [/access denied by server/, 'denied'],
  [/No such file or directory/, 'no-such-path'],
  [/Protocol not supported|requested NFS version or transport protocol is not supported/, 'unsupported'],
  [/Stale file handle/, 'stale'],
  [/Input\/output error/, 'io-error'],
  [/mount system call failed|Connection timed out|No route to host|Connection refused/, 'silent'],
];

export function parseTestMount(output: Output): TestMount {
  if (output.exitCode === 0) return 'mounts';
  if (endedByTimeout(output)) return 'hangs';
  const known = MOUNT_ERRORS.find(([text]) => text.test(output.stderr));
  if (known === undefined) throw new Error(output.stderr);
  return known[1];
}
