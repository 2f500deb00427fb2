import { LIST_SCRIPT } from '../../../../src/commands/backup-files.ts';
import {
  DIRECTORY_SCRIPT,
  ETCD_SCRIPT,
  MYSQL_DUMP_SCRIPT,
  POSTGRES_DUMP_SCRIPT,
  RAFT_SCRIPT,
  RDB_SCRIPT,
  SQLITE_SCRIPT,
  TAR_SCRIPT,
} from '../../../../src/commands/backup-scripts.ts';
import { backupsIn, type LabBackup, type LabBackupContent } from '../databases/backups.ts';
import { sizeGiB } from '../pools.ts';
import { type Answer, type Call, cannot, fail, lines, ok, type Program, usage } from '../shell.ts';
import { listVolume } from './sqlite.ts';

/** What the NAS has besides to look into backups with. */
export const backupTools: Readonly<Record<'nice' | 'df', Program>> = {
  nice: { run: runNice },
  df: { run: runDf },
};

function runNice(call: Call, [flag, , ...argv]: readonly string[]): Answer {
  return flag === '-n' && argv.length > 0 ? call.run(argv) : usage('nice', 'bad usage');
}

const MISSING = 'No such file or directory';
const GIB_IN_KIB = 1_048_576;

/** `df -Pk PATH` */
function runDf(call: Call, [flag, path = '']: readonly string[]): Answer {
  const { disk, pools } = call.world.nas;
  if (flag !== '-Pk') return usage('df', 'invalid option');
  if (disk.at(path) === undefined)
    return fail(1, cannot(call, 'df', { gnu: 'cannot access', path, why: MISSING }).replaceAll("'", ''));
  const { name, mountPoint } = disk.holder(path);
  const pool = pools.find((each) => each.name === name.split('/')[0]);
  const [gib, percent] = pool === undefined ? [1_680, 61] : [sizeGiB(pool), pool.usedPercent];
  const size = gib * GIB_IN_KIB;
  const used = Math.floor((size * percent) / 100);
  const row = `${name === '/' ? '/dev/sda1' : name} ${size} ${used} ${size - used} ${Math.ceil(percent)}% ${mountPoint}`;
  return ok(lines(['Filesystem 1024-blocks Used Available Capacity Mounted on', row]));
}

const FILE_MODE = '81a4';
const DIRECTORY_MODE = '41ff';

/** What of a directory is no backup is a file of old. */
function listBackups(call: Call, [path = '', inner = '']: readonly string[]): Answer {
  const { world } = call;
  const own = inner === '' ? listVolume(call, path) : undefined;
  if (own !== undefined) return ok(lines([...own, 'end']));
  const directory = world.nas.disk.at(path);
  if (directory === undefined)
    return fail(3, call.machine.system === 'FreeBSD' ? `cd: ${path}: ${MISSING}` : `list: 1: cd: can't cd to ${path}`);
  const backups = backupsIn(world, directory);
  const rows = directory.entries.flatMap((name) => {
    const backup = backups.find((each) => each.path === `${path}/${name}`);
    if (inner !== '') return backup === undefined ? [] : innerRow(backup, { name, inner });
    return backup === undefined ? `${Math.floor(world.startedMs / 1_000)} 4096 ${FILE_MODE} ./${name}` : rowOf(backup, name);
  });
  return ok(lines([...rows, 'end']));
}

function rowOf({ bytes, writtenMs, content }: LabBackup, name: string): string {
  const isDirectory = content.kind === 'sqlite' || content.kind === 'directory';
  const [size, mode] = isDirectory ? [9, DIRECTORY_MODE] : [bytes, FILE_MODE];
  return `${Math.floor(writtenMs / 1_000)} ${size} ${mode} ./${name}`;
}

function innerRow({ bytes, writtenMs, content }: LabBackup, { name, inner }: { name: string; inner: string }): string[] {
  if (content.kind !== 'sqlite' || !content.files.includes(inner)) return [];
  return [`${Math.floor(writtenMs / 1_000)} ${content.file === inner ? bytes : 1_675} ${FILE_MODE} ./${name}/${inner}`];
}

type Kind = LabBackupContent['kind'];
type Content<Of extends Kind> = Extract<LabBackupContent, { kind: Of }>;

/** The backup at a path, where its directory has it. */
function found(call: Call, path: string): LabBackup | undefined {
  const above = call.world.nas.disk.at(path.slice(0, path.lastIndexOf('/')));
  return above === undefined ? undefined : backupsIn(call.world, above).find((each) => each.path === path);
}

function noFile(path: string, what = 'file'): Answer {
  return fail(3, `${path} is no ${what}`);
}

/** As awk prints it, and behind that what gzip said. */
function lookIntoPostgres(call: Call, [path = '']: readonly string[]): Answer {
  const { content } = found(call, path) ?? {};
  if (content === undefined) return noFile(path);
  const rows = content.kind === 'pg_dumpall' ? postgresRows(content) : ['created 0'];
  return ok(lines([...rows, 'read', ...unpacked(call, path, content), 'end']));
}

function postgresRows({ serverVersion, databases, isSchemaOnly, ...damage }: Content<'pg_dumpall'>): string[] {
  const roles = [
    ...new Set([...Object.values(databases).flatMap(({ owner, grantsTo = [] }) => [owner, ...grantsTo]), 'postgres']),
  ].toSorted();
  const names = Object.keys(databases).toSorted();
  const isCut = damage.isTruncated === true || damage.brokenGzip === true;
  const sections = names.flatMap((name, index) => {
    const { owner = '', tables = {}, grantsTo = [] } = databases[name] ?? {};
    const counts = Object.entries(tables).map(([table, rows], at, all): [string, number] => [
      table,
      isCut && index === names.length - 1 && at === all.length - 1 ? Math.floor(rows / 2) : rows,
    ]);
    return [
      `version ${serverVersion}`,
      `said ALTER DATABASE ${name} OWNER TO ${owner};`,
      'created 0',
      `database ${name}`,
      ...(counts.length === 0 ? [] : [`role TO ${owner}`]),
      ...(isSchemaOnly === true ? [] : counts.map(([table, rows]) => `rows ${rows} ${table}`)),
      ...grantsTo.map((role) => `role TO ${role}`),
      `created ${counts.length}`,
    ];
  });
  return [
    'header',
    ...roles.map((role) => `said CREATE ROLE ${role};`),
    'created 0',
    'database template1',
    ...sections,
    'database postgres',
    'created 0',
    'restricted',
    ...(isCut ? [] : ['trailer']),
  ];
}

function lookIntoMysql(call: Call, [path = '']: readonly string[]): Answer {
  const { content } = found(call, path) ?? {};
  if (content === undefined) return noFile(path);
  const rows = content.kind === 'mysqldump' ? mysqlRows(content) : [];
  return ok(lines([...rows, 'read', ...unpacked(call, path, content), 'end']));
}

function mysqlRows({ serverVersion, databases, programs, setsGtid, ...damage }: Content<'mysqldump'>): string[] {
  const isCut = damage.isTruncated === true || damage.brokenGzip === true;
  const sections = Object.entries(databases).map(([name, tables]) => [
    `database ${name}`,
    ...Object.entries(tables).map(([table, rows]) => `rows ${rows} ${rows > 0 ? 1 : 0} ${table}`),
    ...(programs?.[name] ?? []).map((each) => `program ${each}`),
  ]);
  const kept = isCut ? sections.slice(0, -1) : sections;
  return ['header', `version ${serverVersion}`, ...(setsGtid ? ['gtid'] : []), ...kept.flat(), ...(isCut ? [] : ['trailer'])];
}

function unpacked({ machine }: Call, path: string, content: LabBackupContent): string[] {
  const isBroken = 'brokenGzip' in content && content.brokenGzip === true;
  const says = machine.system === 'FreeBSD' ? 'gzip: unexpected end of file' : `gzip: ${path}: unexpected end of file`;
  return isBroken ? [says, 'unpacked 1'] : ['unpacked 0'];
}

/** A path in a directory. */
function lookIntoSqlite(call: Call, [path = '', words = '']: readonly string[]): Answer {
  const tables = words.split(' ').filter((word) => word !== '');
  const { content } = found(call, path.slice(0, path.lastIndexOf('/'))) ?? {};
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (content?.kind !== 'sqlite' || !content.files.includes(name)) return noFile(path);
  const isOk = content.integrity.split('\n')[0] === 'ok';
  const counts = tables.map((table) => {
    const rows = content.tables[table];
    if (rows === undefined) return `failed Error: in prepare, no such table: ${table}`;
    return isOk ? `rows ${rows} ${table}` : 'failed Error: in prepare, database disk image is malformed (11)';
  });
  const integrity = content.integrity.split('\n').map((line) => `integrity ${line}`);
  return ok(lines([...integrity, ...counts, ...content.files.toSorted().map((file) => `file ${file}`), 'end']));
}

/** The checks of the other kinds. */
function checkBackup(kind: 'rdb' | 'etcd' | 'raft' | 'tar') {
  const words = {
    rdb: ['its end is missing', 'REDIS0011'],
    etcd: ['its digest is that of other content', '54321184 bytes'],
    raft: ['gzip: unexpected end of file', 'meta.json and state.bin as SHA256SUMS says'],
    tar: ['gzip: unexpected end of file gzip failed', 'whole'],
  } as const;
  return (call: Call, [path = '']: readonly string[]): Answer => {
    const { content } = found(call, path) ?? {};
    if (content === undefined) return noFile(path);
    const isWhole = content.kind === kind && content.isTruncated !== true;
    const verdict = isWhole ? `good ${words[kind][1]}` : `bad ${words[kind][0]}`;
    return ok(lines([...(kind === 'tar' ? ['count 41'] : []), verdict, 'end']));
  };
}

function countCopied(call: Call, [path = '']: readonly string[]): Answer {
  const { content, bytes = 0, writtenMs = 0 } = found(call, path) ?? {};
  if (content?.kind !== 'directory') return noFile(path, 'directory');
  return ok(`${content.files} ${bytes} ${Math.floor(writtenMs / 1_000)}\n`);
}

/** What the bot asks `sh` on the NAS about backups. */
export const backupScripts: Readonly<Record<string, (call: Call, args: readonly string[]) => Answer>> = {
  [LIST_SCRIPT]: listBackups,
  [POSTGRES_DUMP_SCRIPT]: lookIntoPostgres,
  [MYSQL_DUMP_SCRIPT]: lookIntoMysql,
  [SQLITE_SCRIPT]: lookIntoSqlite,
  [RDB_SCRIPT]: checkBackup('rdb'),
  [ETCD_SCRIPT]: checkBackup('etcd'),
  [RAFT_SCRIPT]: checkBackup('raft'),
  [TAR_SCRIPT]: checkBackup('tar'),
  [DIRECTORY_SCRIPT]: countCopied,
};
