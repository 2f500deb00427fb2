import type { SqliteJob } from '../../src/commands/sqlite-scripts.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { isSome, knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Seen } from '../../src/core/reading.ts';
import { notMounted } from '../../src/topology/sqlite-look.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import { ageOf, found, NOTHING, timeOf, told } from '../../src/topology/zfs-findings.ts';
import { chosenBackup, claimOfBackups, looksOfBackups, newestGood, offered } from './backups.ts';
import type { Code } from './codes.ts';
import { type Condition, conditionOf, rowsText } from './condition.ts';
import type { Choice, Facts } from './facts.ts';
import { aboutCondition, conditionInTheWay } from './judgement.ts';
import { room } from './room.ts';
import { type Stage, stageOf } from './stage.ts';
import { inTheWay, isStoppedForThis, notedAfter, type Using, usingOf } from './users.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Part {
  const unseen: Part = {
    evidence: [...notSeen('Cluster, node and NAS', allLooks(facts)), ...notMounted(facts.look)],
    findings: [],
  };
  const { backing } = facts.look;
  if (backing === undefined) return unseen;
  if (!backing.found) return together<Code>([unseen, noVolume(facts, backing.says)]);
  const { choice } = facts.asked;
  const condition = conditionOf(facts.look);
  if (choice === undefined)
    return together<Code>([unseen, placed(facts), aboutCondition(facts, condition, newestGood(facts)), offered(facts)]);
  return together<Code>([unseen, placed(facts), wanted(facts, { choice, condition, isBlind: unseen.evidence.length > 0 })]);
}

/** Everything that a plan would be made from. */
export function allLooks({ look, users, jobs, backups }: Facts): readonly Seen<unknown>[] {
  const { inside } = look;
  const ofNode = [inside?.mount, inside?.files, inside?.space, inside?.check].filter((each) => each !== undefined);
  return [...look.cluster.lists, ...users, jobs, ...ofNode, ...(backups === undefined ? [] : looksOfBackups(backups))];
}

function noVolume({ look, asked }: Facts, why: string): Part {
  const seen = knownOf(look.cluster.lists);
  if (!isSome(seen)) return NOTHING;
  return found({
    code: 'no-volume',
    subject: asked.service,
    says: `Where ${asked.service} keeps its database cannot be told: ${why}`,
    remedy: `Name the workload and the volume of its pods in the configuration (site.databases.sqlite.${asked.service}).`,
    doNot: 'Do not restore into a claim because of its name: one that nothing mounts takes a restore, and nothing changes.',
    seen,
  });
}

/** The claim as the workload names it, and those that are easily taken for it. */
function placed({ look: { backing, cluster, sqlite } }: Facts): Part {
  if (backing?.found !== true) return NOTHING;
  const { workload, volume, leftovers } = backing;
  const others = leftovers.map(({ name }) => name);
  const rest = others.length === 0 ? '' : `; nobody mounts ${others.join(', ')}, which is another volume`;
  const says = `${workload.kind} ${workload.namespace}/${workload.name} has ${sqlite.file} in the claim ${volume.name} (${volume.persistentVolume})${rest}`;
  return told(ok(says, ...knownOf(cluster.lists)));
}

interface Wanted {
  readonly choice: Choice;
  readonly condition: Condition;
  readonly isBlind: boolean;
}

function wanted(facts: Facts, { choice, condition, isBlind }: Wanted): Part {
  const { jobs, look } = facts;
  const claim = look.backing?.found === true ? look.backing.volume.name : undefined;
  const using = claim === undefined ? undefined : usingOf(facts, claim);
  if (claim === undefined || using === undefined || !jobs.known) return NOTHING;
  const stage = stageNow(facts, { claim, choice, condition, using });
  if (stage === undefined) return NOTHING;
  const isDone = stage.is === 'done';
  const parts = isDone
    ? [conditionInTheWay(facts, { choice, condition, isDone, isNoted: true })]
    : [
        claimOfBackups(facts),
        chosenBackup(facts),
        conditionInTheWay(facts, { choice, condition, isDone, isNoted: isNoted(facts, using) || stage.is === 'unclear' }),
        ...(stage.is === 'untouched' ? [room(facts)] : []),
        obstacles(facts, using, stage),
      ];
  const isClear = !isBlind && parts.every(({ findings }) => findings.length === 0);
  return together<Code>([...parts, isClear ? progress(facts, { choice, condition, using, stage }) : NOTHING]);
}

function isNoted(facts: Facts, { users }: Using): boolean {
  return users.some((user) => isStoppedForThis(facts, user));
}

const DAMAGED: readonly Condition['is'][] = ['damaged', 'indexes', 'search', 'gone'];

/** What the Jobs say, unless the database was damaged again since it was restored and ran. */
export function stageNow(
  facts: Facts,
  { claim, choice, condition, using }: Pick<Wanted, 'choice' | 'condition'> & { readonly claim: string; readonly using: Using },
): Stage | undefined {
  const { jobs, look } = facts;
  if (!jobs.known) return undefined;
  const wanted = { choice, after: notedAfter(facts, using) };
  const stage = stageOf(jobs.value, { claim, file: look.sqlite.file }, wanted);
  const isDamagedAgain = DAMAGED.includes(condition.is) && !isNoted(facts, using);
  return stage.is === 'done' && isDamagedAgain ? { is: 'untouched', after: stage.job.name } : stage;
}

const WHO: Readonly<Record<'cannot-stop' | 'busy', Pick<Finding, 'remedy' | 'doNot'>>> = {
  'cannot-stop': { remedy: 'Stop it by its own means, and note how it ran. Then ask again.' },
  busy: {
    remedy: 'Wait until it has ended, then ask again.',
    doNot: 'Do not kill it: a backup that reads the database now would have half of each.',
  },
};

function obstacles(facts: Facts, using: Using, stage: Stage): Part {
  const { jobs } = facts;
  const seen = [...using.seen];
  const running = stage.is === 'running' && jobs.known ? [busy(facts, stage.job, jobs)] : [];
  if (!isSome(seen)) return NOTHING;
  const others = inTheWay(using).map(({ code, subject, why }) =>
    found<Code>({ code, subject, says: `${subject} uses the volume: ${why}`, ...WHO[code], seen }),
  );
  return together<Code>([...running, ...others]);
}

function busy({ look }: Facts, { name, does }: SqliteJob, jobs: Extract<Facts['jobs'], { known: true }>): Part {
  const subject = `Job ${look.sqlite.namespace}/${name}`;
  return found({ code: 'busy', subject, says: `${subject} of the bot works on the volume (${does})`, ...WHO.busy, seen: [jobs] });
}

interface Reached {
  readonly choice: Choice;
  readonly condition: Condition;
  readonly using: Using;
  readonly stage: Stage;
}

const REMEDY: Readonly<Record<'not-restored' | 'half-restored' | 'not-started', string>> = {
  'not-restored':
    'Stop who uses it, put everything of it aside, and put what was chosen in its place. What is there now is kept.',
  'half-restored': 'Run it again: it goes on where it was cut short, or finds that nothing was changed.',
  'not-started': 'Start who uses it as it ran before.',
};

function progress(facts: Facts, { choice, condition, using, stage }: Reached): Part {
  const seen = knownOf(allLooks(facts));
  if (!isSome(seen)) return NOTHING;
  const what = choice.from === 'reindex' ? 'indexes made anew' : `backup ${choice.name}${windowOf(facts)}`;
  const users = using.users.map(
    (user) => `${nameOf(user)} (runs ${user.runs}${user.ranBefore === undefined ? '' : `, ran ${user.ranBefore}`})`,
  );
  const now = 'says' in condition ? `; now ${condition.says}` : '';
  const says = `${SAYS[stage.is](stage)}: ${what}${now}; users: ${users.join(', ')}`;
  if (stage.is === 'done' && !isNoted(facts, using)) return told(ok(says, ...seen));
  const code = stage.is === 'done' ? 'not-started' : stage.is === 'unclear' ? 'half-restored' : 'not-restored';
  return found({ code, subject: facts.asked.service, says, remedy: REMEDY[code], seen: once(seen) });
}

const SAYS: Readonly<Record<Stage['is'], (stage: Stage) => string>> = {
  untouched: () => 'The database is not what was asked for',
  unclear: (stage) => `Job ${'job' in stage ? stage.job.name : ''} failed or was ended, and may have left a part of its work`,
  running: () => 'A Job works on the database',
  done: (stage) =>
    `Job ${'job' in stage ? stage.job.name : ''} has put it in its place (to do that once more, remove the Job first)`,
};

/** What would be lost: everything between the backup and the last write that the node saw. */
function windowOf({ backups, look }: Facts): string {
  const [candidate] = backups?.candidates ?? [];
  if (candidate === undefined) return '';
  const { modifiedAt } = candidate.file;
  const files = look.inside?.files;
  const written = files?.known === true ? [files.value.database, files.value.wal].flatMap((each) => each?.modifiedAt ?? []) : [];
  const last = written.length === 0 ? undefined : Math.max(...written);
  const lost = last === undefined || last <= modifiedAt ? '' : `, ${ageOf(last - modifiedAt)} before the last write`;
  const rows = candidate.content.known ? ` (${rowsText(candidate.content.value.rows)})` : '';
  return ` of ${timeOf(modifiedAt)}${lost}${rows}`;
}

function once(seen: Finding['seen']): Finding['seen'] {
  const [first, ...more] = seen;
  const others = new Map(more.filter(({ line }) => line !== first.line).map((each) => [each.line, each]));
  return [first, ...others.values()];
}
