import { type LabSession, login, logout, PORTAL, targetsFor } from '../iscsi.ts';
import { portOf } from '../nfs.ts';
import type { LabNode } from '../node.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { nodeTools } from './node-tools.ts';

const { journalctl } = nodeTools;

/** What a node has for iSCSI, as open-iscsi 2.1.8 prints it. */
export const iscsiInitiator: Readonly<Record<string, Program>> = {
  iscsiadm: { run: asRoot(runIscsiadm), changes: (args) => /--login|--logout|-o update/.test(args.join(' ')) },
  journalctl: {
    run: (call, args) => (args[0] === '--unit=iscsid' ? iscsidJournal(call) : (journalctl?.run(call, args) ?? fail(127, ''))),
  },
  grep: { run: asRoot(runGrep) },
  fuser: { run: asRoot(runFuser) },
  dumpe2fs: { run: asRoot(runDumpe2fs) },
};

type OnNode = (call: Call, node: LabNode, args: readonly string[]) => Answer;

function asRoot(run: OnNode): Program['run'] {
  return (call, args) => {
    if (call.machine.kind !== 'node') return fail(127, 'bash: command not found');
    return call.isRoot ? run(call, call.machine.node, args) : fail(1, 'iscsiadm: Could not read /etc/iscsi: Permission denied');
  };
}

function runIscsiadm(call: Call, node: LabNode, args: readonly string[]): Answer {
  const line = args.join(' ');
  if (line === '-m session') return listSessions(node);
  if (line === '-m session -P 3') return describeSessions(node);
  if (line.startsWith('-m discovery -t sendtargets -o nonpersistent -p ')) return discover(call, node, args.at(-1) ?? '');
  const [mode, kind, flag, iqn = '', portalFlag, , ...rest] = args;
  if (mode !== '-m' || kind !== 'node' || flag !== '-T' || portalFlag !== '-p') return usage('iscsiadm', 'unrecognized option');
  if (!node.iscsi.records.has(iqn)) return fail(21, 'iscsiadm: No records found');
  return onRecord(call, node, { iqn, rest });
}

function onRecord(call: Call, node: LabNode, { iqn, rest }: { readonly iqn: string; readonly rest: readonly string[] }): Answer {
  const [action, verb, , name = '', , value = ''] = rest;
  const settings = node.iscsi.records.get(iqn)?.settings ?? {};
  if (action === '--login') return logIn(call, node, iqn);
  if (action === '--logout') return logOut(call, node, iqn);
  if (action === '-o' && verb === 'show') return ok(recordText(iqn, settings));
  if (action !== '-o' || verb !== 'update' || !(name in settings)) return fail(7, 'iscsiadm: Invalid parameters');
  settings[name] = value;
  return ok();
}

function listSessions({ iscsi: { sessions } }: LabNode): Answer {
  if (sessions.length === 0) return fail(21, 'iscsiadm: No active sessions.');
  return ok(lines(sessions.map(({ sid, portal, iqn }) => `tcp: [${sid}] ${portal},1 ${iqn} (non-flash)`)));
}

function describeSessions(node: LabNode): Answer {
  const { sessions } = node.iscsi;
  if (sessions.length === 0) return fail(21, 'iscsiadm: No active sessions.');
  const head = ['iSCSI Transport Class version 2.0-870', 'version 2.1.8'];
  // A target is named once for all its sessions, and so is each of its portals.
  const rows = sessions.flatMap((session, index) => {
    const before = sessions[index - 1];
    const isNext = before?.iqn === session.iqn;
    const target = isNext ? [] : [`Target: ${session.iqn} (non-flash)`];
    const at = [`\tCurrent Portal: ${session.portal},1`, `\tPersistent Portal: ${session.portal},1`];
    return [...target, ...(isNext && before?.portal === session.portal ? [] : at), ...sessionLines(node, session)];
  });
  return ok(lines([...head, ...rows]));
}

function sessionLines({ name, address }: LabNode, session: LabSession): string[] {
  const { sid, state, recoveryS, digests, disks, host } = session;
  const digest = (isOn: boolean) => (isOn ? 'CRC32C' : 'None');
  const isIn = state === 'LOGGED_IN';
  return [
    '\t\t**********',
    '\t\tInterface:',
    '\t\t**********',
    '\t\tIface Name: default',
    '\t\tIface Transport: tcp',
    `\t\tIface Initiatorname: iqn.2004-10.org.lab:${name}`,
    `\t\tIface IPaddress: ${isIn ? address : '[default]'}`,
    '\t\tIface HWaddress: default',
    '\t\tIface Netdev: default',
    `\t\tSID: ${sid}`,
    `\t\tiSCSI Connection State: ${isIn ? 'LOGGED IN' : 'TRANSPORT WAIT'}`,
    `\t\tiSCSI Session State: ${state}`,
    `\t\tInternal iscsid Session State: ${isIn ? 'NO CHANGE' : 'REOPEN'}`,
    ...boxed('Timeouts:', [
      `Recovery Timeout: ${recoveryS}`,
      'Target Reset Timeout: 30',
      'LUN Reset Timeout: 30',
      'Abort Timeout: 15',
    ]),
    ...boxed('CHAP:', ['username: <empty>', 'password: ********', 'username_in: <empty>', 'password_in: ********']),
    ...boxed('Negotiated iSCSI params:', [
      `HeaderDigest: ${digest(digests.header)}`,
      `DataDigest: ${digest(digests.data)}`,
      'MaxRecvDataSegmentLength: 262144',
      'InitialR2T: Yes',
    ]),
    ...boxed('Attached SCSI devices:', [
      `Host Number: ${host}\tState: running`,
      ...disks.map(() => `scsi${host} Channel 00 Id 0 Lun: 0`),
    ]),
    ...disks.map((disk) => `\t\t\tAttached scsi disk ${disk.name}\t\tState: ${disk.state}`),
  ];
}

function boxed(title: string, rows: readonly string[]): string[] {
  const stars = '*'.repeat(title.length);
  return [stars, title, stars, ...rows].map((row) => `\t\t${row}`);
}

function discover({ world }: Call, node: LabNode, portal: string): Answer {
  const address = portal.slice(0, portal.lastIndexOf(':'));
  const port = portOf(world, node, address, 3260);
  if (port === 'open') {
    const targets = targetsFor(world, node);
    return targets.length === 0
      ? fail(21, 'iscsiadm: No portals found')
      : ok(lines(targets.map(({ iqn }) => `${PORTAL},1 ${iqn}`)));
  }
  if (port !== 'refused') return { ...ok(), afterS: 120 };
  const refused = lines(Array.from({ length: 6 }, () => `iscsiadm: cannot make connection to ${address}: Connection refused`));
  const end = [
    'iscsiadm: connection login retries (reopen_max) 5 exceeded',
    'iscsiadm: Could not perform SendTargets discovery: iSCSI PDU timed out',
  ];
  return { ...fail(11, `${refused}${lines(end)}`), afterS: 6 };
}

function place(iqn: string): string {
  return `target: ${iqn}, portal: ${PORTAL.replace(':', ',')}`;
}

function logIn({ world }: Call, node: LabNode, iqn: string): Answer {
  const at = `[iface: default, ${place(iqn)}]`;
  switch (login(world, node, iqn)) {
    case 'in':
      return ok(`Logging in to ${at}\nLogin to ${at} successful.\n`);
    case 'present':
      return fail(15, 'iscsiadm: default: 1 session requested, but 1 already present.\niscsiadm: Could not log into all portals');
    case 'no-record':
      return fail(21, 'iscsiadm: No records found');
    case 'refused':
      return fail(
        24,
        `iscsiadm: Could not login to ${at}.\niscsiadm: initiator reported error (24 - iSCSI login failed due to authorization failure)\niscsiadm: Could not log into all portals`,
        `Logging in to ${at}\n`,
      );
    case 'hangs':
      return { ...ok(), afterS: Number.POSITIVE_INFINITY };
  }
}

function logOut({ world }: Call, node: LabNode, iqn: string): Answer {
  const session = logout(world, node, iqn);
  if (session === undefined) return fail(21, 'iscsiadm: No matching sessions found');
  const at = `[sid: ${session.sid}, ${place(iqn)}]`;
  return ok(`Logging out of session ${at}\nLogout of ${at} successful.\n`);
}

function recordText(iqn: string, settings: Readonly<Record<string, string>>): string {
  const rows = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return lines([
    '# BEGIN RECORD 2.1.8',
    `node.name = ${iqn}`,
    'node.tpgt = 1',
    'node.startup = manual',
    'node.session.auth.authmethod = None',
    'node.session.auth.password = <empty>',
    ...rows,
    '# END RECORD',
  ]);
}

const TWO_HOURS_MS = 7_200_000;

function iscsidJournal({ world, machine, isRoot }: Call): Answer {
  if (!isRoot) return fail(1, 'No journal files were opened due to insufficient permissions.');
  const log = machine.kind === 'node' ? machine.node.iscsi.log : [];
  const recent = log.filter(({ atMs }) => atMs >= world.time.nowMs - TWO_HOURS_MS).map(({ text }) => text);
  return ok(lines(recent.length === 0 ? ['-- No entries --'] : recent));
}

function runGrep(_call: Call, { iscsi }: LabNode, args: readonly string[]): Answer {
  if (args.join(' ') !== '-E ^node[.] /etc/iscsi/iscsid.conf') return fail(2, 'grep: unrecognized option');
  return ok(lines(['node.startup = manual', ...Object.entries(iscsi.conf).map(([name, value]) => `${name} = ${value}`)]));
}

function diskOn({ iscsi }: LabNode, path: string) {
  const session = iscsi.sessions.find(({ disks }) => disks.some(({ name }) => `/dev/${name}` === path));
  return { session, disk: session?.disks.find(({ name }) => `/dev/${name}` === path) };
}

/** Of a disk of another kind nobody has more open than its mounts. */
function runFuser(_call: Call, node: LabNode, [path = '']: readonly string[]): Answer {
  const { disk } = diskOn(node, path);
  const pids = disk?.openers ?? [];
  return pids.length === 0
    ? fail(1, '')
    : { exitCode: 0, stdout: pids.map((pid) => ` ${pid}`).join(''), stderr: `${path}:           \n` };
}

function runDumpe2fs({ world }: Call, node: LabNode, [flag, path = '']: readonly string[]): Answer {
  const { session, disk } = diskOn(node, path);
  const version = 'dumpe2fs 1.47.0 (5-Feb-2023)\n';
  if (flag !== '-h' || disk === undefined)
    return fail(1, `${version}dumpe2fs: No such file or directory while trying to open ${path}`);
  const target = world.nas.iscsi.targets.find(({ iqn }) => iqn === session?.iqn);
  if (target?.fileSystem.isDestroyed === true)
    return fail(1, `${version}dumpe2fs: Bad magic number in super-block while trying to open ${path}\n`);
  const isMounted = node.mounts.some(({ device }) => device === path);
  const recovery = target?.fileSystem.needsRecovery === true || isMounted ? ' needs_recovery' : '';
  const rows = [
    'Filesystem volume name:   <none>',
    'Filesystem magic number:  0xEF53',
    `Filesystem features:      has_journal ext_attr resize_inode dir_index filetype${recovery} extent 64bit flex_bg`,
    `Filesystem state:         ${target?.fileSystem.hasErrors === true ? 'clean with errors' : 'clean'}`,
    'Errors behavior:          Continue',
  ];
  return { exitCode: 0, stdout: lines(rows), stderr: version };
}

/** The bot's script over /sys. */
export function sysfsSessions({ machine }: Call): Answer {
  const { iscsi, mounts, ownMounts } =
    machine.kind === 'node' ? machine.node : { iscsi: { sessions: [] }, mounts: [], ownMounts: [] };
  const isMounted = (disk: string) =>
    mounts.some(({ device }) => device === `/dev/${disk}`) || ownMounts.some((line) => line.startsWith(`/dev/${disk} `));
  const rows = iscsi.sessions.flatMap(({ sid, iqn, state, recoveryS, pings, digests, disks }) => [
    `session${sid} ${iqn} ${state} ${recoveryS}`,
    `login ${pings.afterS} ${pings.timeoutS} ${Number(digests.header)} ${Number(digests.data)}`,
    ...disks.flatMap((disk) => [
      `disk ${disk.name} ${disk.state}`,
      ...disk.holders.map((holder) => `holder ${holder}`),
      ...(isMounted(disk.name) || disk.mountedElsewhere === true ? ['filesystem ext4'] : []),
    ]),
  ]);
  return ok(lines(['sessions', ...rows]));
}

export function setRecovery({ machine, isRoot }: Call, [sid = '', iqn = '', seconds = '']: readonly string[]): Answer {
  if (!isRoot)
    return fail(2, `storagebot: 1: cannot create /sys/class/iscsi_session/session${sid}/recovery_tmo: Permission denied`);
  const sessions = machine.kind === 'node' ? machine.node.iscsi.sessions : [];
  const session = sessions.find((each) => `${each.sid}` === sid && each.iqn === iqn);
  if (session === undefined) return fail(1, '');
  if (session.state !== 'LOGGED_IN') return fail(1, 'recovery: 1: echo: echo: I/O error');
  session.recoveryS = seconds === 'off' ? seconds : Number(seconds);
  return ok();
}
