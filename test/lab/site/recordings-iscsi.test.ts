import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDaemonFacts, parseDiskMounts, parseKernelFacts, sinceAttached } from '../../../src/commands/iscsi-node.ts';
import { parseDiscovery, parseTargets } from '../../../src/commands/iscsi-portals.ts';
import { parseRecord } from '../../../src/commands/iscsi-records.ts';
import { parseStorageObjects, parseTargetSessions, parseTargetTree } from '../../../src/commands/iscsi-server.ts';
import { parseLiveSessions, parseSessionDetails, parseSessions } from '../../../src/commands/iscsi-sessions.ts';
import { type Entry, entriesOf, outputOf } from '../../fixtures/transcript.ts';

const FOLDER = new URL('../../fixtures/iscsi/', import.meta.url);
const names = readdirSync(FOLDER).map((file) => file.replace(/\.txt$/, ''));
const all = names.flatMap((name) =>
  entriesOf(readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8')).map((entry) => ({ name, ...entry })),
);

const linesOf = (text: string) => text.split('\n').map((line) => line.trimEnd());

/** Several commands stand in one entry: each reader takes its own lines out of what they printed together. */
interface Reader {
  readonly is: string;
  readonly command: RegExp;
  /** The lines that hold facts. */
  readonly lines: RegExp;
  /** One text for each fact that the parser took from them. */
  readonly facts: (lines: readonly string[], entry: Entry) => readonly string[];
}

const joined = (lines: readonly string[]) => `${lines.join('\n')}\n`;

/** What follows the first line of this form, to the next line that is not indented. */
function described({ printed }: Entry): string {
  const lines = linesOf(printed);
  const start = lines.findIndex((line) => line.startsWith('Target: '));
  const end = lines.findIndex((line, index) => index > start && !/^\s/.test(line));
  return joined(lines.slice(start, end < 0 ? undefined : end));
}

const readers: readonly Reader[] = [
  {
    is: 'the list of sessions',
    command: /iscsiadm -m session(?![ \w]*-P)/,
    lines: /^tcp: \[|No active sessions/,
    facts: (lines) =>
      lines.map((line) =>
        line.startsWith('tcp')
          ? parseSessions({ exitCode: 0, stdout: joined([line]), stderr: '' })
              .map(({ sid, iqn }) => `${sid} ${iqn}`)
              .join()
          : `${parseSessions({ exitCode: 21, stdout: '', stderr: line }).length}`,
      ),
  },
  {
    is: 'a whole description of a session',
    command: /^iscsiadm -m session -P 3$/,
    lines: /Attached scsi disk|Session State|Connection State/,
    facts: (_lines, entry) =>
      parseSessionDetails(outputOf(entry)).flatMap(({ connection, state, iscsid, disks }) => [
        connection,
        state,
        iscsid,
        ...disks.map(({ name }) => name),
      ]),
  },
  {
    is: 'a short description of a session',
    command: /iscsiadm -m session -P 1(?! \|)/,
    lines: /Session State|Connection State/,
    facts: (_lines, entry) =>
      parseSessionDetails({ exitCode: 0, stdout: described(entry), stderr: '' }).flatMap(({ connection, state, iscsid }) => [
        connection,
        state,
        iscsid,
      ]),
  },
  {
    is: 'the states alone, filtered',
    command: /iscsiadm -m session -P \d \| grep/,
    lines: /Session State|Connection State|Attached scsi disk/,
    facts: (lines) => {
      const head =
        'Target: iqn.a\n\tPersistent Portal: 10.77.0.1:3260,1\n\t\tInterface:\n\t\tIface Initiatorname: iqn.b\n\t\tSID: 1\n';
      return parseSessionDetails({ exitCode: 0, stdout: head + joined(lines), stderr: '' }).flatMap((session) => [
        session.connection,
        session.state,
        session.iscsid,
        ...session.disks.map((disk) => disk.state),
      ]);
    },
  },
  {
    is: 'targets and records',
    command: /iscsiadm -m (discovery|node$)/,
    lines: /^\d\S+,1 iqn/,
    facts: (lines) => parseTargets(joined(lines)).map(({ iqn, portal }) => `${portal} ${iqn}`),
  },
  {
    is: 'a record',
    command: /-o show$/,
    lines: /^node\.session\.timeo|noop_out|Digest = None$/,
    facts: (_lines, entry) => Object.values(parseRecord(outputOf(entry)).found ?? {}),
  },
  {
    is: 'the table of mounts',
    command: /\/proc\/mounts/,
    lines: /^\/dev\/sd\w /,
    facts: (lines) => parseDiskMounts(joined(lines)).map(({ disk, isReadOnly }) => `${disk} ${isReadOnly}`),
  },
  {
    is: 'the log of the kernel',
    command: /dmesg/,
    lines: /connection\d+:0: |I\/O error|EXT4-fs|Aborting journal|IO errors|Attached SCSI disk/,
    facts: (lines) =>
      lines.map((line) =>
        parseKernelFacts(line)
          .map(({ is }) => is)
          .join(),
      ),
  },
  {
    is: 'the log of iscsid',
    command: /journalctl -u iscsid/,
    lines: /onnection\d+:0 (to|is)|Kernel reported|connect to/,
    facts: (lines) => parseDaemonFacts(joined(lines)).map(({ is }) => is),
  },
  {
    is: "the kernel's own view",
    command: /cat \/sys\/class\/iscsi_session\/session\*\/state/,
    lines: /^(LOGGED_IN|FAILED|FREE|running|blocked|transport-offline)$/,
    facts: (lines) => {
      const [state = '', disk] = lines;
      const rows = [
        'sessions',
        `session1 iqn.a ${state} 120`,
        'login 5 5 0 0',
        ...(disk === undefined ? [] : [`disk sda ${disk} `]),
      ];
      return parseLiveSessions(joined(rows)).flatMap((session) => [session.state, ...session.disks.map((each) => each.state)]);
    },
  },
  {
    is: 'the tree of targetcli',
    command: /^targetcli ls$/,
    lines: /o- iqn\.\S+freenas|o- lun0|o- pv-db/,
    facts: (_lines, { printed }) => [
      ...parseTargetTree(printed).flatMap(({ iqn, devices }) => [iqn, ...devices]),
      ...parseStorageObjects(printed).map(({ path }) => path),
    ],
  },
  {
    is: 'the sessions of the server',
    command: /^targetcli sessions detail/,
    lines: /^ {4}name: /,
    facts: (_lines, { printed }) => parseTargetSessions(printed).map(({ initiator }) => initiator),
  },
];

/** Commands that no runbook runs, and why it does without. */
const LEFT_OUT: readonly (readonly [command: RegExp, why: string])[] = [
  [/^(systemctl stop|mkfs|ip -n lab|umount|targetcli \/iscsi delete|targetcli \/backstores)/, 'makes the situation'],
  [/-o update -n/, 'what it changes is read in the record'],
  [/-o show \| grep timeout$/, 'the same record, cut short'],
  [/--log(in|out)/, 'its outcome is looked up in the sessions'],
  [/^targetcli sessions list/, 'tells less than the detail'],
  [/^(lsblk|ls -l \/dev\/disk|cat \/sys\/block)/, 'tells what the description of the session tells'],
  [/^ss -tlnp/, 'the port is tried from the node'],
];

describe('of the recordings of a real initiator and target', () => {
  test('every entry has a parser, or a reason why none is needed', () => {
    const lost = all.filter(
      ({ command }) => !readers.some((reader) => reader.command.test(command)) && !LEFT_OUT.some(([left]) => left.test(command)),
    );
    expect(lost.map(({ name, command }) => `${name}: ${command}`)).toEqual([]);
    expect(all.length).toBeGreaterThan(30);
  });

  test.each(readers)('$is: each line that holds a fact is a fact', (reader) => {
    const read = all.filter(({ command }) => reader.command.test(command));
    expect(read.length).toBeGreaterThan(0);
    for (const entry of read) {
      const lines = linesOf(entry.printed).filter((line) => reader.lines.test(line));
      const facts = lines.length === 0 ? [] : reader.facts(lines, entry);
      expect({ of: `${entry.name}: ${entry.command}`, facts: facts.filter((fact) => fact !== '').length, all: facts }).toEqual({
        of: `${entry.name}: ${entry.command}`,
        facts: lines.length,
        all: facts,
      });
    }
  });

  test('a dead session is listed as a sound one: only its description and the kernel tell', () => {
    const during = all.find(({ name, command }) => name === 'session-dropped' && command.includes('sleep 14'));
    expect(during?.printed).toContain('tcp: [1] 10.77.0.1:3260,1 iqn.2005-10.org.freenas.ctl:pv-db (non-flash)');
    expect(during?.printed).toContain('iSCSI Session State: FAILED');
    const later = all.find(({ name, command }) => name === 'session-dropped' && command.startsWith('sleep 10'))?.printed ?? '';
    expect(
      parseDiskMounts(
        later
          .split('\n')
          .filter((line) => line.startsWith('/dev/'))
          .join('\n'),
      ),
    ).toEqual([{ disk: 'sda', mountPoint: '/mnt/db', isReadOnly: false }]);
    expect(
      sinceAttached(
        parseKernelFacts(
          later
            .split('\n')
            .filter((line) => line.startsWith('['))
            .join('\n'),
        ),
        'sda',
      ),
    ).toContain('aborted');
  });

  test('a dead portal is told from a server without targets', () => {
    const dead = all.find(({ name, command }) => name === 'target-removed-and-logout' && command.includes('discovery'));
    expect(parseDiscovery({ exitCode: 11, stdout: '', stderr: dead?.printed ?? '' })).toEqual({ answer: 'refused' });
    expect(parseDiscovery({ exitCode: 21, stdout: '', stderr: 'iscsiadm: No portals found\n' })).toEqual({
      answer: 'listed',
      targets: [],
    });
    expect(parseDiscovery({ exitCode: 124, stdout: '', stderr: '' })).toEqual({ answer: 'silent' });
  });
});

describe('of the recordings without a kernel that has iSCSI', () => {
  const text = readFileSync(new URL('../../fixtures/iscsi-userspace/tgt-libiscsi-openiscsi.txt', import.meta.url), 'utf8');
  const entries = [...text.matchAll(/^\+{4} (.*)\n((?:(?!\+{4}).*\n?)*)/gm)].map(([, command = '', printed = '']) => ({
    command,
    printed,
  }));
  const printedBy = (start: RegExp) => entries.find(({ command }) => start.test(command))?.printed ?? '';

  test('every entry is read, or has a reason', () => {
    const known = [
      /^iscsiadm -m (session|node)$/,
      /^ip netns exec \S+ timeout 20 iscsiadm -m (discovery|node) /,
      /^I=iqn/, // a variable
      /^echo rc=/, // the exit code of the line before
      /^tgtadm /, // a server that TrueNAS and LIO do not use
      /iscsi-(ls|inq|readcapacity16)/, // libiscsi, which no node has
    ];
    expect(entries.filter(({ command }) => !known.some((each) => each.test(command)))).toEqual([]);
    expect(entries).toHaveLength(15);
  });

  test('no session and no record are answers', () => {
    expect(parseSessions({ exitCode: 21, stdout: '', stderr: printedBy(/-m session$/) })).toEqual([]);
    expect(parseRecord({ exitCode: 21, stdout: '', stderr: printedBy(/-m node$/) })).toEqual({});
    expect(parseRecord({ exitCode: 21, stdout: '', stderr: printedBy(/--login$/) })).toEqual({});
  });

  test('a node whose kernel lacks the module is "could not look", not a server without targets', () => {
    const said = printedBy(/discovery/);
    expect(said).toContain('could not find module');
    expect(() => parseDiscovery({ exitCode: 12, stdout: '', stderr: said })).toThrow('iSCSI driver');
  });
});

describe('sessions', () => {
  test('of one target at one portal stand below one line of each, and none is lost', () => {
    const session = (sid: number, state: string) =>
      `\t\t**********\n\t\tInterface:\n\t\t**********\n\t\tIface Initiatorname: iqn.b\n\t\tSID: ${sid}\n\t\tiSCSI Connection State: ${state.replace('_', ' ')}\n\t\tiSCSI Session State: ${state}\n\t\tInternal iscsid Session State: NO CHANGE\n`;
    const head = 'Target: iqn.a (non-flash)\n\tCurrent Portal: 10.77.0.1:3260,1\n\tPersistent Portal: 10.77.0.1:3260,1\n';
    const stdout = head + session(1, 'FAILED') + session(2, 'LOGGED_IN');
    const all = parseSessionDetails({ exitCode: 0, stdout, stderr: '' });
    expect(all.map(({ iqn, portal, sid, state }) => ({ iqn, portal, sid, state }))).toEqual([
      { iqn: 'iqn.a', portal: '10.77.0.1:3260', sid: 1, state: 'FAILED' },
      { iqn: 'iqn.a', portal: '10.77.0.1:3260', sid: 2, state: 'LOGGED_IN' },
    ]);
  });

  test('wait for ever where the kernel says off, which is not at once', () => {
    const [session] = parseLiveSessions('sessions\nsession1 iqn.a LOGGED_IN off\nlogin 10 15 1 0\n');
    expect(session).toMatchObject({
      recoveryTimeoutS: 'off',
      login: { pingAfterS: 10, pingTimeoutS: 15, headerDigest: true, dataDigest: false },
    });
  });
});

describe('file systems that gave up', () => {
  test.each([
    ['on a partition', 'EXT4-fs error (device sdq1): ext4_journal_check_start:83: comm x: Detected aborted journal'],
    ['on a partition, by their journal', 'Aborting journal on device sdq1-8.'],
    ['of XFS', 'XFS (sdq): Log I/O Error Detected. Shutting down filesystem'],
    ['of XFS, later', 'XFS (sdq): Filesystem has been shut down due to log error (0x2).'],
  ])('%s are told by their disk', (_where, line) => {
    expect(sinceAttached(parseKernelFacts(line), 'sdq')).toEqual(['aborted']);
    expect(sinceAttached(parseKernelFacts(line), 'sd')).toEqual([]);
    expect(sinceAttached(parseKernelFacts(`${line}\nXFS (sdq): Mounting V5 Filesystem`), 'sdq')).toEqual([]);
  });
});

describe('a parser refuses', () => {
  test.each([
    ['an empty list of sessions that is no answer', () => parseSessions({ exitCode: 0, stdout: '', stderr: '' })],
    ['exit 21 for another reason', () => parseSessions({ exitCode: 21, stdout: '', stderr: 'iscsiadm: no idea\n' })],
    ['an empty list of targets that is no answer', () => parseDiscovery({ exitCode: 0, stdout: '', stderr: '' })],
    ['a holder of no disk', () => parseLiveSessions('sessions\nsession1 iqn.a LOGGED_IN 120\nlogin 5 5 0 0\nholder dm-0\n')],
    ['a disk without a state', () => parseLiveSessions('sessions\nsession1 iqn.a LOGGED_IN 120\nlogin 5 5 0 0\ndisk sda \n')],
    ['a session that is logged in over nothing', () => parseLiveSessions('sessions\nsession1 iqn.a LOGGED_IN 120\n')],
    [
      'a login of which one file could not be read',
      () => parseLiveSessions('sessions\nsession1 iqn.a FAILED 120\nlogin 5 5 0 \n'),
    ],
    [
      'a list that says that it is not whole',
      () =>
        parseSessions({
          exitCode: 0,
          stdout: 'tcp: [1] 10.77.0.1:3260,1 iqn.a (non-flash)\n',
          stderr: 'iscsiadm: could not read session targetname: 5\niscsiadm: could not find session info for session30\n',
        }),
    ],
    ['half a record', () => parseRecord({ exitCode: 0, stdout: '# BEGIN RECORD 2.1.8\nnode.tpgt = 1\n', stderr: '' })],
    ['a look at /sys that did not run', () => parseLiveSessions('')],
    ['an empty table of mounts', () => parseDiskMounts('')],
    ['a silent journal', () => parseDaemonFacts('')],
    ['a tree without targets and without its root', () => parseTargetTree('garbage\n')],
  ])('%s', (_what, read) => {
    expect(read).toThrow(/./);
  });
});
