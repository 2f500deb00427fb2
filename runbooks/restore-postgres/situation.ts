import { podsOfNamespace } from '../../src/commands/cluster.ts';
import { postgresClusters } from '../../src/commands/cnpg.ts';
import type { PgDatabase } from '../../src/commands/postgres.ts';
import { dataSpace, postgresDatabases, serverState } from '../../src/commands/postgres.ts';
import type { ScriptJob } from '../../src/commands/script-job.ts';
import { scriptJob } from '../../src/commands/script-job.ts';
import { workNamed } from '../../src/commands/work.ts';
import type { StartedWork } from '../../src/commands/work-unit.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check } from '../../src/core/plan.ts';
import { check } from '../../src/core/plan.ts';
import { sizeOf } from '../../src/core/size.ts';
import { nothingAnnounced } from '../../src/repairs/preflight.ts';
import { usesDumps } from '../../src/topology/postgres-dumps.ts';
import type { At } from './at.ts';
import { hasRoom, wantedBytes } from './obstacles.ts';

/** What every step is planned from. */
export interface Situation extends At {
  readonly because: Finding;
  readonly workName: string;
}

/** The server and the database of a step, as its checks ask for them. */
export type Place = Pick<Situation, 'facts' | 'primary' | 'target'>;

export const BACKUPS_AT = '/backup';

type JobParts = Pick<ScriptJob, 'script' | 'args' | 'deadlineS' | 'risk'> & Partial<Pick<ScriptJob, 'progress'>>;

/** A script beside the server, with its superuser's password from the Secret; `label` tells the Jobs of one plan apart. */
export function databaseJob(
  { facts: { postgres }, workName }: Situation,
  label: string,
  { writesBackups, ...parts }: JobParts & { readonly writesBackups?: boolean },
): StartedWork {
  const { namespace, host, image, secret, backups } = postgres;
  return scriptJob({
    namespace,
    name: workNamed(workName, label),
    image,
    environment: { PGHOST: host, PGUSER: 'postgres', PGPASSWORD: secret },
    claims: [{ claim: backups.claim, at: BACKUPS_AT, readOnly: writesBackups !== true }],
    memory: '256Mi',
    ...parts,
  });
}

export function serverHold({ facts: { postgres } }: Place): string {
  return `${postgres.namespace}/${postgres.cluster}`;
}

export function databaseHold(place: Place): string {
  return `${serverHold(place)}/${place.target.name}`;
}

/** What each Job depends on, besides what it changes: its pod is the cluster's to run, and mounts the claim of the dumps. */
export function jobHolds(situation: Situation): [Hold, ...Hold[]] {
  const { namespace, backups } = situation.facts.postgres;
  return [
    changes('database', databaseHold(situation)),
    uses('database-server', serverHold(situation)),
    uses('pvc', `${namespace}/${backups.claim}`),
    uses('backups', backups.path),
  ];
}

export function databasesAre({ primary }: Place, says: string, holds: (all: readonly PgDatabase[]) => boolean): Check {
  return check(says, postgresDatabases(primary.container), holds);
}

/** The very database has the name, or still none has it. */
export function liveIs(place: Place, live: PgDatabase | undefined): Check {
  const { name } = place.target;
  const says = live === undefined ? `No database is named ${name}` : `${name} is the same database as before (oid ${live.oid})`;
  return databasesAre(place, says, (all) =>
    live === undefined
      ? all.every((each) => each.name !== name)
      : all.some((each) => each.name === name && each.oid === live.oid),
  );
}

export function nameIsFree(situation: Situation, name: string): Check {
  return databasesAre(situation, `No database is named ${name}`, (all) => all.every((each) => each.name !== name));
}

/** Both the operator and the server itself must say so, now. */
export function primaryStays({ primary, facts: { postgres } }: Place): readonly Check[] {
  const { namespace, cluster } = postgres;
  const { name } = primary.pod;
  return [
    check(`${name} is the primary of ${namespace}/${cluster}, and is to stay it`, postgresClusters(), (all) =>
      all.some(
        (each) =>
          each.namespace === namespace &&
          each.name === cluster &&
          each.currentPrimary === name &&
          (each.targetPrimary ?? name) === name &&
          !each.isGoing,
      ),
    ),
    check(`${name} takes writes by its own word`, serverState(primary.container), ({ inRecovery }) => !inRecovery),
  ];
}

export function noJobUsesDumps({ facts: { postgres } }: Situation): Check {
  return check('No job has the dumps mounted', podsOfNamespace(postgres.namespace), (all) =>
    all.every((pod) => !usesDumps(postgres, pod)),
  );
}

/** Before each change: nothing else works there, and nothing is announced, as far as Prometheus can be asked. */
export function quiet(situation: Situation): readonly Check[] {
  const { alerts } = situation.facts;
  return [...primaryStays(situation), noJobUsesDumps(situation), ...nothingAnnounced(alerts)];
}

export function roomFor(situation: Situation): Check {
  const says = `The data of the server have room for ${sizeOf(wantedBytes(situation))}`;
  return check(says, dataSpace(situation.primary.container), (space) => hasRoom(situation, space));
}
