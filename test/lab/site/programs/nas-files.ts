import type { Directory } from '../disk.ts';
import { runScript } from '../exports.ts';
import { type Answer, always, type Call, cannot, fail, lines, ok, type Program, usage } from '../shell.ts';
import { syslogTime } from '../time.ts';
import { copyTree, entryAt, entryRow } from './nas-trees.ts';
import { findWritten } from './written.ts';

/** The tools for files and directories on the NAS. */
export const nasFiles: Readonly<Record<string, Program>> = {
  cat: { run: (call, [path = '']) => textOf(call, path, 'cat') },
  tail: { run: runTail },
  grep: { run: runGrep },
  find: { run: runFind },
  ls: { run: runLs },
  tee: { run: runTee, changes: always },
  rm: { run: runRm, changes: always },
  cp: { run: runCp, changes: always },
  sed: { run: runSed, changes: always },
  mkdir: { run: runMkdir, changes: always },
  rmdir: { run: runRmdir, changes: always },
  chown: { run: runChown, changes: always },
};

const MISSING = 'No such file or directory';

/** A script that lies on the NAS. */
export const nasScript: Program = {
  run: ({ world }) => {
    const { exitCode, stderr } = runScript(world.nas, world.time.nowMs);
    return fail(exitCode, stderr);
  },
  changes: always,
};

function textOf({ world }: Call, path: string, program: string): Answer {
  const text = world.nas.files.get(path);
  return text === undefined ? fail(1, `${program}: ${path}: ${MISSING}`) : ok(text);
}

/** `tail -c 1 FILE`, and `tail -n 200 /var/log/messages`, which exists on FreeBSD. */
function runTail({ world, machine }: Call, args: readonly string[]): Answer {
  const [flag, figure, file = ''] = args;
  const text = flag === '-c' && figure === '1' ? world.nas.files.get(file) : undefined;
  if (text !== undefined) return ok(text.slice(-1));
  if (args.join(' ') !== '-n 200 /var/log/messages' || machine.system !== 'FreeBSD') {
    return fail(1, `tail: ${args.at(-1)}: ${MISSING}`);
  }
  return ok(lines(world.nas.log.slice(-200)));
}

/** `grep -cF TEXT FILE` */
function runGrep({ world }: Call, [flag, wanted = '', path = '']: readonly string[]): Answer {
  if (flag !== '-cF') return fail(2, 'usage: grep [-cF] [pattern] [file ...]');
  const text = world.nas.files.get(path);
  if (text === undefined) return fail(2, `grep: ${path}: ${MISSING}`);
  const count = text.split('\n').filter((line) => line.includes(wanted)).length;
  return { exitCode: count === 0 ? 1 : 0, stdout: `${count}\n`, stderr: '' };
}

const FIRST_ENTRY = '-mindepth 1 -maxdepth 1 -print -quit';
const EXPORT_FILES = '-name *.exports -exec sed -n p {} +';

function runFind(call: Call, [path = '', ...rest]: readonly string[]): Answer {
  if (rest.includes('-newermt')) return findWritten(call, path, rest);
  const { nas } = call.world;
  const directory = nas.disk.at(path);
  const test = rest.join(' ');
  if (test !== FIRST_ENTRY && test !== EXPORT_FILES) return fail(1, `find: unknown predicate '${rest[0]}'`);
  if (directory === undefined)
    return fail(1, call.machine.system === 'FreeBSD' ? `find: ${path}: ${MISSING}` : `find: ‘${path}’: ${MISSING}`);
  if (test === EXPORT_FILES) {
    const files = [...nas.files].filter(([file]) => file.startsWith(`${path}/`) && file.endsWith('.exports'));
    return ok(lines(files.map(([, text]) => text.replace(/\n$/, '')).filter((text) => text !== '')));
  }
  const [first] = directory.entries;
  return ok(nas.disk.isEmpty(directory) ? '' : `${path}/${first ?? 'data'}\n`);
}

/** `ls -ldn PATH…`: GNU ends with 2 where a path is missing, FreeBSD with 1. */
function runLs(call: Call, [flags, ...paths]: readonly string[]): Answer {
  if (flags !== '-ldn' || paths.length === 0) return { ...usage('ls', 'invalid option'), exitCode: 2 };
  const { disk } = call.world.nas;
  const at = syslogTime(call.world.time.nowMs).slice(0, 12);
  const blank = call.machine.system === 'FreeBSD' ? '  ' : ' ';
  const rows = paths.toSorted().flatMap((path) => rowOf(disk.at(path), at, blank) ?? entryRow(disk, path, at) ?? []);
  const missing = paths.filter((path) => disk.at(path) === undefined && entryAt(disk, path) === undefined);
  const stderr = lines(missing.map((path) => cannot(call, 'ls', { gnu: 'cannot access', path, why: MISSING })));
  const failed = call.machine.system === 'FreeBSD' ? 1 : 2;
  return { exitCode: missing.length === 0 ? 0 : failed, stdout: lines(rows), stderr };
}

/** FreeBSD parts the columns of numbers with two blanks, GNU with one. */
function rowOf(directory: Directory | undefined, at: string, blank: string): string | undefined {
  if (directory === undefined) return undefined;
  const { mode, uid, gid, entries, path } = directory;
  const bits = [6, 3, 0].map((shift) =>
    ['r', 'w', 'x'].map((letter, index) => ((mode >> shift) & (4 >> index) ? letter : '-')).join(''),
  );
  return `d${bits.join('')}${blank}${2 + entries.length} ${uid}${blank}${gid}${blank}${2 + entries.length} ${at} ${path}`;
}

/** `tee FILE` and `tee -a FILE` */
function runTee({ world, input = '' }: Call, args: readonly string[]): Answer {
  const { files, disk } = world.nas;
  const append = args[0] === '-a';
  const path = args.at(-1) ?? '';
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (folder.startsWith('/etc/') && disk.at(folder) === undefined) return fail(1, `tee: ${path}: ${MISSING}`, input);
  files.set(path, append ? (files.get(path) ?? '') + input : input);
  return ok(input);
}

function runRm(call: Call, [path = '']: readonly string[]): Answer {
  if (call.world.nas.files.delete(path)) return ok();
  return fail(1, cannot(call, 'rm', { gnu: 'cannot remove', path, why: MISSING }));
}

/** `cp --preserve FROM TO`, and the copies of whole trees. */
function runCp(call: Call, args: readonly string[]): Answer {
  const [flag, from = '', to = ''] = args;
  const { world } = call;
  if (flag === '-a') return copyTree(call, args.slice(1));
  if (flag === '--archive' && from === '--no-target-directory') return copyTree(call, args.slice(2));
  if (flag !== '--preserve') return usage('cp', 'unrecognized option');
  const text = world.nas.files.get(from);
  if (text === undefined) return fail(1, `cp: cannot stat '${from}': ${MISSING}`);
  world.nas.files.set(to, text);
  return ok();
}

/** `sed --in-place=SUFFIX --regexp-extended 's/…/…/g; …' FILE`, or with `\,ADDRESS,d`, of GNU. */
function runSed({ world, machine }: Call, args: readonly string[]): Answer {
  const [place = '', extended, script = '', path = ''] = args;
  const [, suffix] = /^--in-place=(\S+)$/.exec(place) ?? [];
  if (machine.system === 'FreeBSD')
    return fail(1, 'sed: illegal option -- -\nusage: sed script [-EHalnru] [-i extension] [file ...]');
  if (suffix === undefined || extended !== '--regexp-extended') return usage('sed', 'unrecognized option');
  const text = world.nas.files.get(path);
  if (text === undefined) return fail(2, `sed: can't read ${path}: ${MISSING}`);
  const [, address] = /^\\,(.*),d$/.exec(script) ?? [];
  if (address !== undefined) {
    const pattern = new RegExp(address.replaceAll('[[:blank:]]', '[ \\t]'));
    world.nas.files.set(`${path}${suffix}`, text);
    const kept = text.split(/(?<=\n)/).filter((line) => !pattern.test(line));
    world.nas.files.set(path, kept.join(''));
    return ok();
  }
  const commands = script.split('; ').map((command) => /^s\/((?:[^/]|\\\/)*)\/([^/]*)\/g$/.exec(command));
  if (commands.some((command) => command === null)) return fail(1, `sed: -e expression #1, char 1: unknown command`);
  world.nas.files.set(`${path}${suffix}`, text);
  const edited = commands.reduce(
    (before, command) => before.replaceAll(new RegExp(command?.[1] ?? '', 'g'), command?.[2] ?? ''),
    text,
  );
  world.nas.files.set(path, edited);
  return ok();
}

/** `mkdir -m MODE PATH` */
function runMkdir(call: Call, [m, mode = '', path = '']: readonly string[]): Answer {
  const { disk } = call.world.nas;
  if (m !== '-m' || !/^[0-7]{3,4}$/.test(mode) || path === '') return usage('mkdir', 'missing operand');
  const above = path.slice(0, path.lastIndexOf('/'));
  const why = disk.at(path) !== undefined ? 'File exists' : disk.at(above) === undefined ? MISSING : undefined;
  if (why !== undefined) return fail(1, cannot(call, 'mkdir', { gnu: 'cannot create directory', path, why }));
  disk.make(path, { mode: Number.parseInt(mode, 8) });
  return ok();
}

function runRmdir(call: Call, [path = '']: readonly string[]): Answer {
  const { disk } = call.world.nas;
  const directory = disk.at(path);
  const why = directory === undefined ? MISSING : disk.isEmpty(directory) ? undefined : 'Directory not empty';
  if (why !== undefined) return fail(1, cannot(call, 'rmdir', { gnu: 'failed to remove', path, why }));
  disk.remove(path);
  return ok();
}

function runChown(call: Call, [owner = '', path = '']: readonly string[]): Answer {
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(owner) ?? [];
  const directory = call.world.nas.disk.at(path);
  if (uid === undefined || gid === undefined) return fail(1, `chown: invalid user: '${owner}'`);
  if (directory === undefined) return fail(1, cannot(call, 'chown', { gnu: 'cannot access', path, why: MISSING }));
  Object.assign(directory, { uid: Number(uid), gid: Number(gid) });
  return ok();
}
