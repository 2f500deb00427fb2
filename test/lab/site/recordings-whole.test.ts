import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseExportfs, parseExportsFile } from '../../../src/commands/exports.ts';
import { parseMountList, parseProbe, parseProcMounts, parseShowmount, parseTestMount } from '../../../src/commands/nfs-client.ts';
import { parseMountRates } from '../../../src/commands/nfs-rates.ts';
import { parseNfsKernelLines, parsePs } from '../../../src/commands/node-system.ts';
import { type Entry, outputOf, recorded } from '../../fixtures/transcript.ts';

/** What a line of a recording is worth to the bot: nothing may be left over that a parser is for. */
interface Reader {
  readonly command: RegExp;
  /** The lines that hold facts. */
  readonly lines: RegExp;
  /** One text for each fact that the parser took from the whole output. */
  readonly facts: (entry: Entry) => readonly string[];
}

const names = readdirSync(new URL('../../fixtures/nfs/', import.meta.url))
  .filter((file) => file.endsWith('.txt'))
  .map((file) => file.slice(0, -'.txt'.length));
const all = names.flatMap((name) => recorded(name).map((entry) => ({ name, ...entry })));

const words = (output: string) => output.split('\n').map((line) => line.trim());

/** The bot's own `stat` fails in the same words as any other call to the mount. */
const CALL = /: (Stale file handle|Input\/output error)$/;

function answersOf({ printed }: Entry): string[] {
  return words(printed)
    .filter((line) => CALL.test(line))
    .map((stderr) => parseProbe({ exitCode: 1, stdout: '', stderr }).state);
}

/** showmount's heading, and what other programs printed before it, are no exports. */
function listed(entry: Entry): string[] {
  const printed = entry.printed.slice(Math.max(0, entry.printed.indexOf('Export list')));
  const list = parseShowmount(outputOf({ ...entry, printed }));
  return list.answer === 'listed' ? list.exports.map(({ path, clients }) => `${path} ${clients}`) : [list.answer];
}

const readers: readonly Reader[] = [
  { command: /showmount -e|showmount$/, lines: /^\/\S+\s+\d|clnt_create/, facts: listed },
  {
    command: /^showmount -a/,
    lines: /^\d\S*:\//,
    facts: ({ printed }) => parseMountList(printed).map((mount) => JSON.stringify(mount)),
  },
  {
    command: /exportfs -[vs]$/,
    lines: /^\/\S+\s+\d\S*\(/,
    facts: ({ printed }) =>
      parseExportfs(printed.replace(/^(?:in)?active\n/, '')).map(({ path, clients }) => `${path} ${clients}`),
  },
  {
    command: /^cat \/etc\/exports$/,
    lines: /^\/\S+\s+\d/,
    facts: ({ printed }) => parseExportsFile(printed).map(({ path, rest }) => `${path} ${rest}`),
  },
  {
    command: /^grep nfs \/proc\/mounts$/,
    lines: /^\S+:\//,
    facts: ({ printed }) => parseProcMounts(printed).map((mount) => `${mount.server}:${mount.remotePath}`),
  },
  {
    command: /^cat \/proc\/self\/mountstats \| sed/,
    lines: /^device \S+:\//,
    facts: ({ printed }) =>
      parseMountRates(`10.00 10.00\n${printed}13.00 13.00\n${printed}`).flatMap(({ mountPoints }) => mountPoints),
  },
  {
    command: /^dmesg/,
    lines: /nfs: server \S+ not responding/,
    facts: ({ printed }) => parseNfsKernelLines(printed).map(({ says, server }) => `${says} ${server}`),
  },
  {
    command: /^ps -eo/,
    lines: /\bD\b/,
    facts: ({ printed }) =>
      parsePs(`S PID ELAPSED WCHAN COMMAND\n${printed.trim().replace(/^(\d+)\s+(\w)\s+(\S+)\s+(.*)$/, '$2 $1 42 $3 $4')}\n`).map(
        ({ waitsIn }) => waitsIn,
      ),
  },
  {
    command: /\bmount -t nfs .*\/srv\/nothere|^time timeout 30 mount/,
    lines: /^mount\.nfs: /,
    facts: (entry) => refusals(entry),
  },
  { command: /(^|\s)(df|ls|cat|stat|mountpoint) (-\S+ )?\/mnt|^timeout 20 df -h$/, lines: CALL, facts: answersOf },
];

function refusals({ printed }: Entry): string[] {
  return words(printed)
    .filter((line) => line.startsWith('mount.nfs: '))
    .map((stderr) => parseTestMount({ exitCode: 32, stdout: '', stderr }));
}

/** Commands that no runbook runs, and why it does without. */
const LEFT_OUT: readonly (readonly [command: RegExp, why: string])[] = [
  [
    /^(mkdir|umount|kill|cd|systemctl|ip|mount -t nfs .*truenas:\/srv\/(media|backup)|time timeout (-k1 )?\d+ umount|\(df)/,
    'makes the situation',
  ],
  [/^(mount \||findmnt|nfsstat -m)/, 'tells what /proc/mounts tells, see below'],
  [/^(df|time|sleep|echo)/, 'touches the mount, as the probe does; it answers'],
  [/^(nfsiostat|nfsstat -c|cat \/proc\/self\/mountstats \| grep)/, 'adds up what mountstats tells'],
  [
    /^(ss -tn|fuser|lsof|rpcinfo -p|cat \/proc\/fs\/nfsd\/versions|systemctl status|time timeout 20 ping)/,
    'no conclusion is drawn from it',
  ],
  [/^(stat -f|ls )/, 'answers'],
];

describe('of the recordings of a real server and client', () => {
  test('every entry has a parser, or a reason why none is needed', () => {
    const lost = all.filter(
      ({ command }) => !readers.some((reader) => reader.command.test(command)) && !LEFT_OUT.some(([left]) => left.test(command)),
    );
    expect(lost.map(({ name, command }) => `${name}: ${command}`)).toEqual([]);
  });

  test.each(readers)('$command: each line that holds a fact is a fact', (reader) => {
    const read = all.filter(({ command }) => reader.command.test(command));
    expect(read.length).toBeGreaterThan(0);
    for (const entry of read) {
      const lines = words(entry.printed).filter((line) => reader.lines.test(line));
      const facts = lines.length === 0 && entry.exitCode === 0 ? [] : reader.facts(entry);
      expect({ of: `${entry.name}: ${entry.command}`, facts: facts.length, all: facts }).toEqual({
        of: `${entry.name}: ${entry.command}`,
        facts: lines.length,
        all: facts,
      });
    }
  });

  test('/proc/mounts and findmnt tell the same mounts with the same options', () => {
    const printed = (start: string) => all.find(({ command }) => command.startsWith(start))?.printed ?? '';
    const found = (JSON.parse(printed('findmnt -J')) as { filesystems: Record<string, string>[] }).filesystems;
    const parsed = parseProcMounts(printed('grep nfs /proc/mounts')).map(({ server, remotePath, mountPoint, options }) => ({
      target: mountPoint,
      source: `${server}:${remotePath}`,
      options: options.join(','),
    }));
    const known = found.map(({ target, source, options }) => ({ target, source, options }));
    expect(parsed.toSorted((a, b) => (a.target < b.target ? -1 : 1))).toEqual(
      known.toSorted((a, b) => ((a.target ?? '') < (b.target ?? '') ? -1 : 1)),
    );
    expect(parsed).toHaveLength(2);
  });
});
