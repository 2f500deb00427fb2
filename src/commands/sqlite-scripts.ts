import { z } from 'zod';
import { defineRead, kubernetes } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { Resource } from '../core/kubernetes.ts';
import type { MountedClaim, Script } from './script-job.ts';
import { scriptJob } from './script-job.ts';
import { BACK_TEXT, REINDEX_TEXT, RESTORE_TEXT, UNCHANGED } from './sqlite-texts.ts';
import type { StartedWork } from './work-unit.ts';

const PODS: Resource = { apiVersion: 'v1', plural: 'pods', namespaced: true };
const JOBS: Resource = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true };

const DATA = '/data';
const BACKUP = '/backup';

const RESTORE: Script = { name: 'sqlite-restore', text: RESTORE_TEXT };
const BACK: Script = { name: 'sqlite-back', text: BACK_TEXT };
const REINDEX: Script = { name: 'sqlite-reindex', text: REINDEX_TEXT };

/** A database in a claim, which nobody else has open. */
export interface SqliteWork {
  readonly namespace: string;
  /** Of the Job, from `workNamed`. */
  readonly name: string;
  readonly deadlineS: number;
  readonly image: string;
  readonly claim: string;
  /** The database, by its path in the volume. */
  readonly file: string;
  /** What the set that is put aside is named after: that of the Job which first put it aside, or its own. */
  readonly stamp: string;
}

export interface SqliteRestore extends SqliteWork {
  readonly backupClaim: string;
  /** The backup's directory by its name. */
  readonly from: string;
  /** What the backup was seen to have. */
  readonly rows: Readonly<Record<string, number>>;
  /** Beside the database, as the configuration has them. */
  readonly needs: readonly string[];
  readonly mayHave: readonly string[];
}

/**
 * Puts a backup in the place of a database and of what belongs to it, beside which everything that was there is kept. Killed at any
 * moment and run again under the same stamp, it goes on.
 */
export function restoreSqlite(work: SqliteRestore): StartedWork {
  const { backupClaim, claim, from, rows, needs, mayHave } = work;
  if (backupClaim === claim)
    throw new Refusal('bad-request', `The backups of ${claim} are in the same volume: no restore is made of them`);
  return started(work, RESTORE, {
    risk: 'destructive',
    words: [
      'from',
      `${BACKUP}/${requireName(from)}`,
      ...Object.entries(rows).flatMap(([table, count]) => ['rows', table, `${count}`]),
      ...needs.flatMap((name) => ['needs', name]),
      ...mayHave.flatMap((name) => ['may', name]),
    ],
    claims: [{ claim: backupClaim, at: BACKUP, readOnly: true }],
  });
}

/** Gives everything that was put aside under this stamp its place back; what was written since is kept on its own. */
export function putSqliteBack(work: SqliteWork): StartedWork {
  return started(work, BACK, { risk: 'high', words: [], claims: [] });
}

/** Makes the indexes anew on a copy, which takes the place of the database; that is kept. */
export function reindexSqlite({ tables, ...work }: SqliteWork & { readonly tables: readonly string[] }): StartedWork {
  return started(work, REINDEX, { risk: 'high', words: tables.flatMap((table) => ['table', table]), claims: [] });
}

interface Parts {
  readonly risk: 'high' | 'destructive';
  readonly words: readonly string[];
  readonly claims: readonly MountedClaim[];
}

function started(
  { namespace, name, deadlineS, image, claim, file, stamp }: SqliteWork,
  script: Script,
  parts: Parts,
): StartedWork {
  return scriptJob({
    namespace,
    name,
    deadlineS,
    image,
    script,
    risk: parts.risk,
    args: [`${DATA}/${file}`, requireStamp(stamp), ...parts.words],
    claims: [{ claim, at: DATA, readOnly: false }, ...parts.claims],
    memory: '256Mi',
    // Files of any owner are moved, and those that replace them get the same.
    user: 0,
  });
}

function requireStamp(stamp: string): string {
  if (stamp.length <= 63 && /^storagebot(-[a-z0-9]+)+$/.test(stamp)) return stamp;
  throw new Refusal('bad-request', `${JSON.stringify(stamp.slice(0, 100))} is no name of work of this bot: storagebot-…`);
}

/** A directory that its path does not leave. */
function requireName(name: string): string {
  if (name.length <= 200 && /^\w[\w.-]*$/.test(name)) return name;
  throw new Refusal('bad-request', `${JSON.stringify(name.slice(0, 300))} is no name of a backup`);
}

/** A Job by which the bot has changed a database, or has tried to. */
export interface SqliteJob {
  readonly name: string;
  readonly does: 'restore' | 'back' | 'reindex';
  readonly claim: string;
  readonly file: string;
  readonly stamp: string;
  /** The backup that it restores, by its name. */
  readonly from?: string;
  readonly state: 'succeeded' | 'failed' | 'running';
  /** Seconds since 1970. */
  readonly createdAt: number;
}

const DOES: Readonly<Record<string, SqliteJob['does']>> = {
  [RESTORE.name]: 'restore',
  [BACK.name]: 'back',
  [REINDEX.name]: 'reindex',
};

/** The Jobs of the bot that work or worked on databases of a namespace, the oldest first: they stay until a person removes them. */
export function sqliteJobs(namespace: string) {
  return defineRead<readonly SqliteJob[]>({
    asks: `Which databases of ${namespace} has the bot worked on?`,
    command: kubernetes({ verb: 'list', resource: JOBS, namespace, labelSelector: 'app.kubernetes.io/managed-by=storagebot' }),
    answers: [0],
    parse: ({ stdout }) =>
      z
        .object({ items: z.array(Job) })
        .parse(JSON.parse(stdout))
        .items.flatMap(jobOf)
        .toSorted((a, b) => a.createdAt - b.createdAt),
  });
}

/** The Jobs of the bot in a namespace that failed, and said themselves that they changed nothing; of one whose pod is gone, nobody knows. */
export function sqliteJobsWithoutEffect(namespace: string) {
  return defineRead<ReadonlySet<string>>({
    asks: `Which Jobs of the bot in ${namespace} failed before they changed anything?`,
    command: kubernetes({ verb: 'list', resource: PODS, namespace, labelSelector: 'app.kubernetes.io/managed-by=storagebot' }),
    answers: [0],
    parse: ({ stdout }) =>
      new Set(
        EndedPods.parse(JSON.parse(stdout)).items.flatMap(({ metadata, status }) =>
          status.containerStatuses.some(({ state }) => state?.terminated?.message.includes(UNCHANGED) === true)
            ? [metadata.labels['storagebot/work'] ?? '']
            : [],
        ),
      ),
  });
}

const Ended = z.object({ terminated: z.object({ message: z.string().default('') }).optional() });
const EndedPods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }),
      status: z.object({ containerStatuses: z.array(z.object({ state: Ended.optional() })).default([]) }).prefault({}),
    }),
  ),
});

const Mounted = z.object({ name: z.string(), persistentVolumeClaim: z.object({ claimName: z.string() }).optional() });
const Container = z.object({
  command: z.array(z.string()).default([]),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
});
const Job = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.string() }),
  spec: z.object({
    template: z.object({ spec: z.object({ containers: z.array(Container), volumes: z.array(Mounted).default([]) }) }),
  }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }).prefault({}),
});

/** None for a Job with another script; one with such a script and words that it cannot have is an error. */
function jobOf({ metadata, spec, status }: z.output<typeof Job>): readonly SqliteJob[] {
  const [container] = spec.template.spec.containers;
  const { command = [], volumeMounts = [] } = container ?? {};
  const [script = '', live = '', stamp = '', ...words] = command.slice(command.indexOf('-c') + 2);
  const does = DOES[script];
  if (does === undefined) return [];
  const mount = volumeMounts.find(({ mountPath }) => mountPath === DATA)?.name;
  const claim = spec.template.spec.volumes.find(({ name }) => name === mount)?.persistentVolumeClaim?.claimName;
  if (claim === undefined || !live.startsWith(`${DATA}/`)) throw new Error(`Job ${metadata.name} has no database`);
  const from = words[words.indexOf('from') + 1];
  const isSo = (type: string) => status.conditions.some((each) => each.type === type && each.status === 'True');
  return [
    {
      name: metadata.name,
      does,
      claim,
      file: live.slice(DATA.length + 1),
      stamp,
      ...(does === 'restore' && from !== undefined && { from: from.slice(BACKUP.length + 1) }),
      state: isSo('Complete') ? 'succeeded' : isSo('Failed') ? 'failed' : 'running',
      createdAt: Date.parse(metadata.creationTimestamp) / 1000,
    },
  ];
}
