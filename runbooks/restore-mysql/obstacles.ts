import type { Finding } from '../../src/core/finding.ts';
import { workAnnounced } from '../../src/repairs/preflight.ts';
import { serversOf } from '../../src/topology/mysql-look.ts';
import type { Code } from './codes.ts';
import type { Facts, LookedInto, ServerFacts } from './facts.ts';
import { brokenBecause, databaseIn, doubts } from './flags.ts';
import { programObstacles } from './programs.ts';
import { roomObstacles } from './room.ts';
import { usesDumps } from './situation.ts';
import { stageOf } from './state.ts';

type Found = Finding<Code>;

export const NEVER_WHOLE =
  'Do not pipe the whole dump into the server: it brings back the passwords of that night and the metadata of another group. Do not load it into the database that is used: rows that are there stay beside those that come.';

/** Nothing takes writes: that is a matter of the group, and nothing is restored for it. */
export function noPrimary({ look, server }: Facts): readonly Found[] {
  const servers = serversOf(look);
  if (server !== undefined || servers === undefined || !look.pods.known) return [];
  return [
    {
      code: 'no-primary',
      subject: `${look.mysql.namespace}/${look.mysql.cluster}`,
      says: `Of ${look.instances.length} pods ${servers.length} have a server that runs, and there is no single one among them that takes writes.`,
      remedy:
        'See `diagnose mysql` first: a group without its majority, or in offline mode, has lost nothing, and needs no restore.',
      doNot: 'Do not restore anything before the group works.',
      seen: [look.pods, ...servers.flatMap(({ state, members }) => [state, members])],
    },
  ];
}

export function fileObstacles({ files, asked, look, dumps }: Facts): readonly Found[] {
  if (!files.known || dumps.length > 0) return [];
  const { path } = look.mysql.backups;
  const newest = files.value.slice(0, 5).map(({ name }) => name);
  return [
    newest.length === 0
      ? {
          code: 'no-dump',
          subject: path,
          says: `No dump lies in ${path}.`,
          remedy: 'See `diagnose backups`: another dataset may be mounted there, or the job writes elsewhere.',
          seen: [files],
        }
      : {
          code: 'no-such-dump',
          subject: asked.file ?? path,
          says: `${path} has no ${asked.file}. The newest are: ${newest.join(', ')}.`,
          remedy: 'Name one of those.',
          seen: [files],
        },
  ];
}

/** Of the one dump that was chosen. */
export function dumpObstacles(facts: Facts, server: ServerFacts): readonly Found[] {
  const { asked, files } = facts;
  const [one] = facts.dumps;
  if (asked.file === undefined || one === undefined || !one.dump.known || !files.known) return [];
  const { file, dump } = one;
  const about = { subject: file.name, seen: [dump, files] as const };
  const broken = brokenBecause(dump.value);
  if (broken !== undefined) return [unfit(one, { code: 'dump-broken', says: `${file.name} is no whole dump: ${broken}.` }, dump)];
  const own = databaseIn(dump.value, asked.database);
  if (own === undefined || own.tables.length === 0)
    return [
      unfit(
        one,
        {
          code: 'not-in-dump',
          says: `${file.name} has no tables of ${asked.database}. It has: ${dump.value.databases.map(({ name }) => name).join(', ')}.`,
        },
        dump,
      ),
    ];
  const version = server.primary.state;
  const why = doubts(dump.value, asked.database, { file, files: files.value, server: version.value.version });
  if (why.length === 0 || asked.anyway === true) return [];
  return [
    {
      ...about,
      code: 'dump-doubtful',
      says: `${file.name} is whole, and doubtful: ${why.join('; ')}.`,
      remedy: `Choose another one. Who knows that it is the right one asks: restore mysql ${asked.database} from ${file.name} anyway.`,
      seen: [dump, files, version],
    },
  ];
}

function unfit(
  { file }: LookedInto,
  { code, says }: { readonly code: Code; readonly says: string },
  dump: Found['seen'][0],
): Found {
  return {
    code,
    subject: file.name,
    says,
    remedy: 'Choose another dump: `restore mysql <database>` shows them all.',
    doNot: 'Do not load it by hand: MySQL takes a dump that was cut behind a statement without an error.',
    seen: [dump],
  };
}

export function serverObstacles(facts: Facts, server: ServerFacts): readonly Found[] {
  const stage = stageOf(facts, server);
  const { databases, besides } = server;
  if (stage === undefined || !databases.known) return [];
  if (stage.is === 'left-over') {
    const marks = besides.flatMap(({ from }) => (from?.known === true ? [from] : []));
    return [
      {
        code: 'left-over',
        subject: stage.names.join(', '),
        says: `${stage.names.join(' and ')} was made by a restore that has not ended, or not well.`,
        remedy: `Where a Job of the bot still loads it, wait. Else a person looks into it and drops it: ${stage.names.map((name) => `DROP DATABASE \`${name}\`;`).join(' ')}`,
        seen: [databases, ...marks],
      },
    ];
  }
  return [
    ...programObstacles(facts, server, stage),
    ...(stage.is === 'none' ? roomObstacles(facts, server, stage.live?.bytes) : []),
    ...(stage.is === 'restored' ? [] : [...backupRunning(facts), ...workAnnounced(facts.alerts), ...cannotStop(facts, server)]),
  ];
}

/** It holds each table that it reads, and what the copy is made of would change under it. */
function backupRunning({ asked: { file }, look: { mysql, pods } }: Facts): readonly Found[] {
  if (file === undefined || !pods.known) return [];
  return pods.value
    .filter((pod) => usesDumps(mysql, pod))
    .map(({ namespace, name }) => ({
      code: 'backup-running',
      subject: `Pod ${namespace}/${name}`,
      says: `${namespace}/${name} has the dumps mounted, and has not ended.`,
      remedy: 'Wait until it has ended, then ask again.',
      doNot: 'Do not kill it: it writes a dump, or restores one.',
      seen: [pods],
    }));
}

function cannotStop({ asked: { database, file } }: Facts, { dependants, sessions }: ServerFacts): readonly Found[] {
  const { notByHand, unknownClients, seen } = dependants;
  const known = seen.flatMap((each) => (each.known ? [each] : []));
  if (file === undefined || !sessions.known || known.length < seen.length) return [];
  const why = [
    ...notByHand.filter(({ isProxy }) => !isProxy).map(({ subject, why: reason }) => `${subject}: ${reason}`),
    ...unknownClients.map((address) => `${address}: no pod of the cluster has this address`),
  ];
  if (why.length === 0) return [];
  return [
    {
      code: 'cannot-stop',
      subject: database,
      says: `Who uses ${database} cannot all be stopped by the bot. ${why.join('; ')}.`,
      remedy: 'Stop those by their own means first, and ask again.',
      seen: [sessions, ...known],
    },
  ];
}
