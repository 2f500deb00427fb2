import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import { linesOf } from './bounded.ts';

/** A program that waits for connections on a port of its host. */
export interface Listener {
  readonly port: number;
  readonly pid: number;
  readonly program: string;
}

/** Only root is told the programs. A port of the kernel's own has none, and is left out. */
export function listenersOf(node: Host) {
  return defineRead<readonly Listener[]>({
    asks: `Which programs listen on the ports of ${node.name}?`,
    command: asRoot(node, 7_000, 'ss', '-ltnp'),
    answers: [0],
    parse: ({ stdout }) => parseListeners(stdout),
  });
}

export function parseListeners(text: string): Listener[] {
  const [header, ...rows] = linesOf(text);
  if (header === undefined || !/^State\s+Recv-Q\s+Send-Q\s+Local Address:Port/.test(header)) throw new Error('no table of ports');
  return rows.flatMap((row) => {
    const [, address = '', users = ''] = /^LISTEN\s+\d+\s+\d+\s+(\S+)\s+\S+\s*(.*)$/.exec(row) ?? [];
    const port = /:(\d+)$/.exec(address)?.[1];
    if (port === undefined) throw new Error(`not a port: ${row}`);
    return programsIn(users, row).map((each) => ({ port: Number(port), ...each }));
  });
}

/** `users:(("livenessprobe",pid=1816,fd=8),("livenessprobe",pid=1820,fd=8))` */
function programsIn(users: string, row: string): Omit<Listener, 'port'>[] {
  const found = [...users.matchAll(/\("([^"]*)",pid=(\d+),fd=\d+\)/g)];
  if (users !== '' && found.length === 0) throw new Error(`not the programs of a port: ${row}`);
  return found.map(([, program = '', pid]) => ({ program, pid: Number(pid) }));
}

/** Whose a process is. A static pod has another uid in the API than on its node, and counts as the host's own here. */
export type ProcessOwner =
  | { readonly of: 'pod'; readonly podUid: string }
  | { readonly of: 'host' }
  /** It has ended meanwhile. */
  | { readonly of: 'nobody' };

/** From the control group, which kubelet names after the pod's uid and which a process keeps when its pod is forgotten. */
export function ownerOfProcess(node: Host, pid: number) {
  return defineRead<ProcessOwner>({
    asks: `Which pod does process ${pid} of ${node.name} belong to?`,
    command: asRoot(node, 7_000, 'cat', `/proc/${pid}/cgroup`),
    answers: [0, 1],
    parse: ({ exitCode, stdout, stderr }) => {
      if (exitCode === 0) return parseCgroup(stdout);
      if (/No such (?:file or directory|process)/.test(stderr)) return { of: 'nobody' };
      throw new Error(stderr);
    },
  });
}

/** systemd writes a uid with `_` for `-`. With version 1 each controller has a line. */
export function parseCgroup(text: string): ProcessOwner {
  const lines = linesOf(text);
  if (lines.length === 0 || !lines.every((line) => /^\d+:[^:]*:\//.test(line))) throw new Error('no control groups');
  const uids = lines.map((line) => /\bpod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})\b/.exec(line)?.[1]);
  const podUid = uids.find((uid) => uid !== undefined)?.replaceAll('_', '-');
  return podUid === undefined ? { of: 'host' } : { of: 'pod', podUid };
}

/** kubelet ends the containers of pods that it no longer knows when it starts; those of living pods go on. */
export function restartKubelet(node: Host) {
  return defineChange({ command: asRoot(node, 60_000, 'systemctl', 'restart', 'kubelet'), risk: 'high' });
}
