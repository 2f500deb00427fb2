import { RUN_OF } from '../../../../src/commands/work-job.ts';
import type { JobScript } from '../../kubernetes/jobs.ts';
import { at, type KubeObject } from '../../kubernetes/store.ts';
import { type Answer, fail } from '../shell.ts';
import type { World } from '../world.ts';
import { backupRun } from './backups.ts';
import { migrateCopy } from './migrate-copy.ts';
import { mysqlPrograms } from './mysql.ts';
import { postgresPrograms } from './postgres.ts';
import { sqliteBack, sqliteReindex, sqliteRestore } from './sqlite.ts';

/** What a script of a Job finds around it. */
export interface JobCall {
  readonly world: World;
  readonly namespace: string;
  /** The Job's name. */
  readonly name: string;
  readonly args: readonly string[];
  /** Its variables; one from a Secret has the Secret's name and key, as `secret:name/key`. */
  readonly environment: Readonly<Record<string, string>>;
  /** The claims that it mounts, by where. */
  readonly claims: Readonly<Record<string, string>>;
}

/** What a script of the bot does to the site, under its name. */
export interface JobProgram {
  readonly begin?: (call: JobCall) => void;
  readonly run: (call: JobCall) => Answer;
}

const PROGRAMS: Readonly<Record<string, JobProgram>> = {
  ...mysqlPrograms,
  'migrate-copy': migrateCopy,
  ...postgresPrograms,
  'sqlite-restore': sqliteRestore,
  'sqlite-back': sqliteBack,
  'sqlite-reindex': sqliteReindex,
};

/** By the name that a script of the bot has; a Job of the bot with another one fails. */
export function scriptOf(world: World, job: KubeObject): Partial<JobScript> {
  const runOf = job.metadata.labels?.[RUN_OF];
  if (runOf !== undefined) return backupRun(world, job, runOf);
  const [container] = listOf(at(job, 'spec', 'template', 'spec', 'containers'));
  const command = textsOf(at(container, 'command'));
  if (command[0] !== '/bin/bash') return {};
  const [name = '', ...args] = command.slice(command.indexOf('-c') + 2);
  const program = PROGRAMS[name];
  if (program === undefined) return { run: () => fail(127, `the lab has no script ${name}`) };
  const call: JobCall = {
    world,
    namespace: job.metadata.namespace ?? '',
    name: job.metadata.name,
    args,
    environment: Object.fromEntries(listOf(at(container, 'env')).map(variableOf)),
    claims: claimsOf(container, listOf(at(job, 'spec', 'template', 'spec', 'volumes'))),
  };
  const { begin, run } = program;
  return { run: () => run(call), ...(begin === undefined ? {} : { begin: () => begin(call) }) };
}

function listOf(found: unknown): readonly unknown[] {
  return Array.isArray(found) ? found : [];
}

function textsOf(found: unknown): string[] {
  return listOf(found).map(String);
}

function variableOf(variable: unknown): [name: string, value: string] {
  const secret = at(variable, 'valueFrom', 'secretKeyRef');
  const value = secret === undefined ? at(variable, 'value') : `secret:${at(secret, 'name')}/${at(secret, 'key')}`;
  return [String(at(variable, 'name')), String(value)];
}

function claimsOf(container: unknown, volumes: readonly unknown[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    listOf(at(container, 'volumeMounts')).map((mount) => {
      const volume = volumes.find((each) => at(each, 'name') === at(mount, 'name'));
      return [String(at(mount, 'mountPath')), String(at(volume, 'persistentVolumeClaim', 'claimName'))];
    }),
  );
}
