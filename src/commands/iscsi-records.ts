import { z } from 'zod';
import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead, operand } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { Output } from '../core/output.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import type { KnownTarget } from './iscsi-portals.ts';
import { requirePortal } from './iscsi-portals.ts';
import type { LiveSession } from './iscsi-sessions.ts';
import { NOTHING_FOUND } from './iscsi-sessions.ts';

/** The settings that decide how long a session waits for the server, and whether it checks what it transfers. */
const Settings = z.object({
  'node.session.timeo.replacement_timeout': z.string(),
  'node.conn[0].timeo.noop_out_interval': z.string(),
  'node.conn[0].timeo.noop_out_timeout': z.string(),
  'node.conn[0].iscsi.HeaderDigest': z.string(),
  'node.conn[0].iscsi.DataDigest': z.string(),
});
export type Settings = Readonly<z.output<typeof Settings>>;

const Setting = Settings.keyof();
export type Setting = z.output<typeof Setting>;
export const SETTINGS = Setting.options;

export const HARDENED: Settings = {
  'node.session.timeo.replacement_timeout': '300',
  'node.conn[0].timeo.noop_out_interval': '10',
  'node.conn[0].timeo.noop_out_timeout': '15',
  'node.conn[0].iscsi.HeaderDigest': 'CRC32C,None',
  'node.conn[0].iscsi.DataDigest': 'CRC32C,None',
};

export const HARDENED_RECOVERY_S = Number(HARDENED['node.session.timeo.replacement_timeout']);

/** A setting of a live session that is not hardened, with the value that it has. */
export interface Soft {
  readonly name: Setting;
  readonly value: string;
}

/** What a login with the hardened record would give to a live session, and it does not have. */
export function softIn({ recoveryTimeoutS, login }: LiveSession): readonly Soft[] {
  const live: Partial<Settings> = {
    'node.session.timeo.replacement_timeout': `${recoveryTimeoutS}`,
    ...(login && {
      'node.conn[0].timeo.noop_out_interval': `${login.pingAfterS}`,
      'node.conn[0].timeo.noop_out_timeout': `${login.pingTimeoutS}`,
      'node.conn[0].iscsi.HeaderDigest': login.headerDigest ? HARDENED['node.conn[0].iscsi.HeaderDigest'] : 'None',
      'node.conn[0].iscsi.DataDigest': login.dataDigest ? HARDENED['node.conn[0].iscsi.DataDigest'] : 'None',
    }),
  };
  return SETTINGS.flatMap((name) => {
    const value = live[name];
    return value === undefined || value === HARDENED[name] ? [] : [{ name, value }];
  });
}

/** Digests are agreed: the server may decline them, whatever the record offers. */
export function isDigest({ name }: Soft): boolean {
  return name.endsWith('Digest');
}

const LOOK_S = 5;

function nodeArgv({ iqn, portal }: KnownTarget): readonly string[] {
  return ['-m', 'node', '-T', requireTarget(iqn), '-p', requirePortal(portal)];
}

export function isTargetName(text: string): boolean {
  return /^(iqn|eui|naa)\.[\w.:-]{1,219}$/.test(text);
}

/** Without one of these names iscsiadm would take the command for all targets of the node. */
function requireTarget(iqn: string): string {
  if (isTargetName(iqn)) return iqn;
  throw new Refusal(
    'bad-request',
    `${JSON.stringify(iqn.slice(0, 300))} is no name of an iSCSI target, as iqn.2005-10.org.example:disk is`,
  );
}

/** What the node's next login to the target will use; nothing where there is no record of it. */
export function recordOf(node: Host, target: KnownTarget) {
  return defineRead<{ readonly found?: Settings }>({
    asks: `With which settings will ${node.name} log in to ${target.iqn}?`,
    command: boundedAsRoot(node, LOOK_S, ['iscsiadm', ...nodeArgv(target), '-o', 'show']),
    answers: [0, NOTHING_FOUND],
    parse: parseRecord,
  });
}

export function parseRecord(output: Output): { readonly found?: Settings } {
  const { exitCode, stdout, stderr } = output;
  if (exitCode === NOTHING_FOUND) {
    if (/No records found/i.test(stdout + stderr)) return {};
    throw new Error(stdout + stderr);
  }
  const lines = linesOf(stdout);
  if (!lines[0]?.startsWith('# BEGIN RECORD') || lines.at(-1) !== '# END RECORD') throw new Error('no whole record');
  if (lines.filter((line) => line.startsWith('# BEGIN RECORD')).length > 1) throw new Error('more than one record');
  return { found: Settings.parse(valuesIn(lines)) };
}

/** From lines of `name = value`. */
function valuesIn(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines.flatMap((line): [string, string][] => {
      const [, name, value] = /^([\w.[\]]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

export type InitiatorDefaults = { readonly [Name in Setting]?: string | undefined };

/** What records of targets that this node discovers from now on will begin with; what the file leaves out has its default. */
export function initiatorDefaults(node: Host) {
  return defineRead<InitiatorDefaults>({
    asks: `With which settings will ${node.name} begin new iSCSI records?`,
    command: boundedAsRoot(node, LOOK_S, ['grep', '-E', '^node[.]', '/etc/iscsi/iscsid.conf']),
    answers: [0, 1],
    parse: ({ exitCode, stdout, stderr }) => {
      const values = valuesIn(linesOf(stdout));
      const isEmpty = Object.keys(values).length === 0;
      if (isEmpty !== (exitCode === 1) || (isEmpty && stderr.trim() !== '')) throw new Error(stdout + stderr);
      return Settings.partial().parse(values);
    },
  });
}

/** Changes the record alone: a live session keeps what it logged in with. */
export function updateRecord(
  node: Host,
  target: KnownTarget,
  { name, value }: { readonly name: Setting; readonly value: string },
) {
  const argv = [...nodeArgv(target), '-o', 'update', '-n', name, '-v', operand(value)];
  return defineChange({ command: asRoot(node, 15_000, 'iscsiadm', ...argv), risk: 'normal' });
}

/** Of this target alone. What is mounted from it would lose its disk. */
export function logOut(node: Host, target: KnownTarget) {
  return defineChange({ command: asRoot(node, 60_000, 'iscsiadm', ...nodeArgv(target), '--logout'), risk: 'high' });
}

/** Ended after half a minute: a login to a target that the server does not have never ends by itself. */
export function logIn(node: Host, target: KnownTarget) {
  return defineChange({ command: boundedAsRoot(node, 30, ['iscsiadm', ...nodeArgv(target), '--login']), risk: 'high' });
}

const SET_SCRIPT =
  'grep -qxF "$2" "/sys/class/iscsi_session/session$1/targetname" && echo "$3" > "/sys/class/iscsi_session/session$1/recovery_tmo"';

/** How long the live session of this number holds back reads and writes while its connection is gone; only if it is the target's. */
export function setRecoveryTimeout(
  node: Host,
  { sid, iqn }: { readonly sid: number; readonly iqn: string },
  seconds: LiveSession['recoveryTimeoutS'],
) {
  return defineChange({
    command: asRoot(node, 15_000, 'sh', '-c', SET_SCRIPT, 'recovery', `${sid}`, requireTarget(iqn), `${seconds}`),
    risk: 'normal',
  });
}

export { SET_SCRIPT as SET_RECOVERY_SCRIPT };
