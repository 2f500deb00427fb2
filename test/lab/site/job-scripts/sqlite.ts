import type { LabSqlite, LabSqliteFile } from '../databases/sqlite.ts';
import { type Answer, fail, ok } from '../shell.ts';
import { kind, text } from '../volumes.ts';
import type { JobCall, JobProgram } from './index.ts';

// What the scripts of src/commands/sqlite-texts.ts do to a volume; where they refuse, by the same words.

const CLAIMS = kind('v1', 'persistentvolumeclaims');
const VOLUMES = kind('v1', 'persistentvolumes');

export const sqliteRestore: JobProgram = { run: restore };
export const sqliteBack: JobProgram = { run: back };
export const sqliteReindex: JobProgram = { run: reindex };

interface Volume {
  readonly lab: LabSqlite;
  readonly file: string;
  readonly stamp: string;
  /** What follows these words, each of them. */
  readonly of: (word: string) => readonly string[];
}

function volumeOf({ world, namespace, claims, args }: JobCall): Volume | undefined {
  const [live = '', stamp = '', ...words] = args;
  const claim = claims['/data'];
  const lab = [...(world.databases.sqlite?.values() ?? [])].find((each) => each.namespace === namespace && each.claim === claim);
  const of = (word: string) => words.flatMap((each, index) => (each === word ? (words[index + 1] ?? '') : []));
  return lab && { lab, file: live.slice('/data/'.length), stamp, of };
}

const WRONG_VOLUME = fail(1, '/data holds nothing of the application: is this the right volume? Nothing was changed.');

function databaseFiles(file: string): readonly string[] {
  return [file, `${file}-wal`, `${file}-shm`, `${file}-journal`];
}

function restore(call: JobCall): Answer {
  const volume = volumeOf(call);
  if (volume === undefined) return WRONG_VOLUME;
  const { lab, file, of } = volume;
  const [from = ''] = of('from');
  const backup = call.world.databases.backups?.get(`${shareOf(call)}${from.slice('/backup'.length)}`);
  if (backup?.content.kind !== 'sqlite') return fail(1, `There is no backup ${from}. Nothing was changed.`);
  const { integrity, tables, files } = backup.content;
  const missing = of('needs').find((name) => !files.includes(name));
  if (missing !== undefined) return fail(1, `${from} has no ${missing}, without which it is not whole. Nothing was changed.`);
  if (integrity !== 'ok') return fail(1, `The backup ${from} is not whole: ${integrity}. Nothing was changed.`);
  const old = lab.files.get(file) ?? { bytes: 0, modifiedMs: 0, mode: 0o644, uid: 0, gid: 0 };
  const { mode, uid, gid } = old;
  const like = { modifiedMs: backup.writtenMs, mode, uid, gid };
  const others = [...of('needs'), ...of('may')].filter((name) => files.includes(name));
  const made = new Map<string, LabSqliteFile>([
    [
      file,
      {
        ...like,
        bytes: backup.bytes,
        database: { journal: 'rollback', integrity: ['ok'], brokenKeys: 0, tables: { ...tables } },
      },
    ],
    ...others.map((name) => [name, { ...like, bytes: 1_024 }] as const),
  ]);
  return swap(volume, [...databaseFiles(file), ...of('needs'), ...of('may')], made, 'before');
}

function reindex(call: JobCall): Answer {
  const volume = volumeOf(call);
  const old = volume?.lab.files.get(volume.file);
  if (volume === undefined || old?.database === undefined) return WRONG_VOLUME;
  const made = new Map([[volume.file, { ...old, database: { ...old.database, integrity: ['ok'] } }]]);
  return swap(volume, databaseFiles(volume.file), made, 'before');
}

function back(call: JobCall): Answer {
  const volume = volumeOf(call);
  if (volume === undefined) return WRONG_VOLUME;
  const { lab, stamp } = volume;
  const kept = `.${stamp}-before/`;
  const inside = [...lab.files].filter(([path]) => path.startsWith(kept));
  if (inside.length === 0) return fail(1, `There is no .${stamp}-before: nothing was put aside, and nothing is taken back.`);
  for (const [path] of inside) lab.files.delete(path);
  const made = new Map(inside.map(([path, file]) => [path.slice(kept.length), file]));
  return swap(volume, MANIFESTS.get(lab)?.get(stamp) ?? [], made, 'undone');
}

/** All that is there of these names goes aside, and then all that was made comes in. */
function swap(
  { lab, stamp }: Volume,
  names: readonly string[],
  made: ReadonlyMap<string, LabSqliteFile>,
  aside: 'before' | 'undone',
): Answer {
  MANIFESTS.set(lab, (MANIFESTS.get(lab) ?? new Map()).set(stamp, names));
  for (const name of names) {
    const old = lab.files.get(name);
    if (old === undefined) continue;
    lab.files.set(`.${stamp}-${aside}/${name}`, old);
    lab.files.delete(name);
  }
  for (const [name, file] of made) lab.files.set(name, file);
  return ok();
}

/** The names that each set which was put aside is about, by its stamp. */
const MANIFESTS = new WeakMap<LabSqlite, Map<string, readonly string[]>>();

/** The directory of the NAS that a claim is. */
function shareOf({ world: { store }, namespace, claims }: JobCall): string {
  const name = claims['/backup'] ?? '';
  const volume = text(store.get({ resource: CLAIMS, namespace, name }), 'spec', 'volumeName');
  return text(store.get({ resource: VOLUMES, name: volume }), 'spec', 'csi', 'volumeAttributes', 'share');
}
