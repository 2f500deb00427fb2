import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, ok } from '../../src/core/finding.ts';
import { withoutSlash } from '../../src/core/path.ts';
import type { Seen } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { provesBacking } from '../../src/topology/sqlite-look.ts';
import { claimed, isOnNas } from '../../src/topology/volumes.ts';
import { ageOf, found, NOTHING, timeOf, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import { rowsText } from './condition.ts';
import type { BackupFacts, Candidate, Facts } from './facts.ts';

type Part = Diagnosis<Code>;

export function looksOfBackups({ list, sizes, clock, candidates }: BackupFacts): readonly Seen<unknown>[] {
  return [list, sizes, clock, ...candidates.map(({ content }) => content)];
}

export interface Judged {
  readonly says: string;
  /** Nothing makes up for it. */
  readonly unfit: readonly string[];
  /** Whoever knows why may restore it all the same. */
  readonly doubtful: readonly string[];
}

/** Undefined where it could not be looked into. */
export function judge({ look: { sqlite } }: Facts, backups: BackupFacts, { file, content }: Candidate): Judged | undefined {
  const { sizes, clock } = backups;
  if (!content.known || !sizes.known) return undefined;
  const { integrity, rows, files } = content.value;
  const own = sizes.value.find(({ path }) => path.startsWith(`${file.path}/`))?.bytes;
  const others = sizes.value.filter(({ path }) => !path.startsWith(`${file.path}/`)).map(({ bytes }) => bytes);
  const usual = others.toSorted((a, b) => a - b)[Math.floor(others.length / 2)];
  const tables = sqlite.tables.filter((table) => rows[table] === undefined);
  const missing = sqlite.needs.filter((name) => !files.includes(firstOf(name)));
  const unfit = [
    ...(integrity === 'ok' ? [] : [`it is not known to be whole: ${integrity}`]),
    ...(own === 0 ? ['its database has no byte, which SQLite calls whole'] : []),
    ...(tables.length === 0 ? [] : [`it has no table ${tables.join(', ')}`]),
    ...(missing.length === 0 ? [] : [`it lacks ${missing.join(', ')}`]),
  ];
  const counts = Object.values(rows);
  const doubtful = [
    ...(counts.length > 0 && counts.every((count) => count === 0) ? ['it has its tables, and not one row'] : []),
    ...(own !== undefined && usual !== undefined && own * 2 < usual
      ? [`it is ${sizeOf(own)}, and others are about ${sizeOf(usual)}`]
      : []),
  ];
  const age = clock.known ? `, ${ageOf(clock.value - file.modifiedAt)} old` : '';
  const about = [rowsText(rows), own === undefined ? 'of unknown size' : sizeOf(own), `beside it ${files.length - 1} files`];
  return { says: `${file.name} (${timeOf(file.modifiedAt)}${age}): ${about.join('; ')}`, unfit, doubtful };
}

/** What lies in the backup itself is listed; of a path deeper in it, its first part. */
function firstOf(path: string): string {
  return path.split('/', 1)[0] ?? path;
}

/** What there is, for who has not chosen yet. */
export function offered(facts: Facts): Part {
  const { backups } = facts;
  if (backups === undefined) return told(ok('The configuration names no backups of it'));
  const { list, place } = backups;
  if (!list.known) return NOTHING;
  const [newest] = backups.candidates;
  if (newest === undefined)
    return found({
      code: 'nothing-kept',
      subject: facts.asked.service,
      says: `${place.path} holds no backup`,
      remedy:
        'Look for another copy: a snapshot of the volume (/storage restore pvc, restore files), or of the directory of the backups.',
      seen: [list],
    });
  const rows = backups.candidates.flatMap((candidate) => {
    const judged = judge(facts, backups, candidate);
    return judged === undefined || !candidate.content.known ? [] : [ok(describe(judged), candidate.content, list)];
  });
  return { evidence: rows, findings: [] };
}

function describe({ says, unfit, doubtful }: Judged): string {
  const wrong = [...unfit.map((each) => `REFUSED: ${each}`), ...doubtful.map((each) => `doubtful: ${each}`)];
  return `Backup ${says}; ${wrong.length === 0 ? 'whole, with all that it needs' : wrong.join('; ')}`;
}

/** The newest one that nothing is wrong with. */
export function newestGood(facts: Facts): string | undefined {
  const { backups } = facts;
  return backups?.candidates.find((candidate) => {
    const judged = judge(facts, backups, candidate);
    return judged !== undefined && judged.unfit.length === 0 && judged.doubtful.length === 0;
  })?.file.name;
}

/** The Job mounts the claim, and what was looked into lies in the directory: both must be the same place. */
export function claimOfBackups({ look, site, backups, asked }: Facts): Part {
  const { cluster } = look.cluster;
  const [first, ...more] = provesBacking(look);
  if (backups === undefined || cluster === undefined || first === undefined) return NOTHING;
  const { claim, path } = backups.place;
  const volume = claimed(cluster, look.sqlite.namespace, claim);
  if (isOnNas(volume, site) && volume.backing.path === withoutSlash(path)) return NOTHING;
  const { backing } = volume;
  const is =
    backing.kind === 'unbound'
      ? 'is not there, or has no volume'
      : `is ${backing.kind === 'nfs' ? `${backing.server}:${backing.path}` : 'a volume whose place on the server is not known'}`;
  return found({
    code: 'backups-elsewhere',
    subject: `${look.sqlite.namespace}/${claim}`,
    says: `The claim ${look.sqlite.namespace}/${claim}, from which a Job would restore ${asked.service}, ${is}; the backups were looked into at ${path} on ${site.nas.host.name}`,
    remedy: `Put site.databases.sqlite.${asked.service}.backups right: the claim and the directory on the NAS that it is.`,
    doNot: 'Do not restore from a place that nobody has looked into.',
    seen: [first, ...more],
  });
}

/** What is wrong with the one that was named. */
export function chosenBackup(facts: Facts): Part {
  const { asked, backups } = facts;
  const { choice, service } = asked;
  if (choice?.from !== 'backup' || backups === undefined || !backups.list.known) return NOTHING;
  const { list, place } = backups;
  const [candidate] = backups.candidates;
  if (candidate === undefined)
    return found({
      code: 'no-such-backup',
      subject: choice.name,
      says: `${place.path} has no ${choice.name}; the newest are ${namesOf(list.value) || 'none'}`,
      remedy: `Choose one that is there: /storage restore sqlite ${service}`,
      seen: [list],
    });
  const judged = judge(facts, backups, candidate);
  const seen = knownOf<unknown>([candidate.content, backups.sizes, list]);
  if (judged === undefined || !isSome(seen)) return NOTHING;
  const about = { subject: choice.name, remedy: `Choose another backup: /storage restore sqlite ${service}`, seen };
  const { unfit, doubtful } = judged;
  if (unfit.length > 0) return found({ ...about, code: 'backup-unfit', says: `Of ${choice.name}, ${unfit.join('; ')}` });
  if (doubtful.length === 0 || choice.anyway) return told(ok(describe(judged), ...seen));
  return found({
    ...about,
    code: 'backup-doubtful',
    says: `Of ${choice.name}, ${doubtful.join('; ')}`,
    doNot: 'Do not restore it because it is the newest: an empty database makes a perfect backup.',
  });
}

function namesOf(list: readonly { readonly name: string; readonly isDirectory: boolean }[]): string {
  return list
    .filter(({ isDirectory }) => isDirectory)
    .slice(0, 5)
    .map(({ name }) => name)
    .join(', ');
}
