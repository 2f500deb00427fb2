import { firingAlerts } from '../../src/commands/alerts.ts';
import { postgresDump } from '../../src/commands/backup-dumps.ts';
import { backupFiles } from '../../src/commands/backup-files.ts';
import { claims } from '../../src/commands/claims.ts';
import { persistentVolumes } from '../../src/commands/cluster.ts';
import type { Stack } from '../../src/commands/terraform.ts';
import type { PostgresSite, StackResource } from '../../src/core/databases.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { dumpNamesOf } from '../../src/topology/postgres-dumps.ts';
import { lookAtPostgres, postgresSiteOf } from '../../src/topology/postgres-look.ts';
import { lookAtStack } from '../../src/topology/stack-look.ts';
import type { Facts, Params } from './facts.ts';
import { stageOf } from './facts.ts';

/** The dump is read to its end, however long that takes. */
const DUMP_S = 600;

export async function gather(asked: Params, read: Reader, site: Site): Promise<Facts> {
  const postgres = postgresSiteOf(site);
  const { resource, stack } = stackOf(site, postgres);
  const names = dumpNamesOf(site, postgres);
  const { host } = site.nas;
  const [look, allClaims, volumes, files, alerts, stackLook] = await Promise.all([
    lookAtPostgres(read, site),
    read(claims()),
    read(persistentVolumes()),
    read(backupFiles(host, names)),
    read(firingAlerts()),
    lookAtStack(read, stack),
  ]);
  const facts = { site, postgres, resource, asked, look, claims: allClaims, volumes, names, files, alerts, stack: stackLook };
  const stage = stageOf(look);
  const file = files.known ? files.value.find(({ name, isDirectory }) => name === asked.file && !isDirectory) : undefined;
  if (file === undefined || (stage?.is !== 'lost' && stage?.is !== 'gone')) return facts;
  return { ...facts, dump: { file, seen: await read(postgresDump(host, file.path, DUMP_S)) } };
}

/** Known before anything is deleted: what makes the cluster anew must be there then. */
function stackOf(
  { terraform }: Site,
  { stack: resource }: PostgresSite,
): { readonly resource: StackResource; readonly stack: Stack } {
  if (resource === undefined)
    throw new Refusal(
      'not-found',
      'site.databases.postgres.stack is not in the configuration: the bot does not know what would make the cluster anew',
    );
  if (terraform === undefined)
    throw new Refusal('not-found', 'The configuration names no host that may plan and apply: set site.terraform.');
  return { resource, stack: { terraform, stack: resource.stack } };
}
