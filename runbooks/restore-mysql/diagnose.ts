import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { knownOf, notSeen, ok } from '../../src/core/finding.ts';
import { howFound } from '../../src/topology/dependants.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import type { Code } from './codes.ts';
import type { Facts, LookedInto, ServerFacts } from './facts.ts';
import { databaseIn } from './flags.ts';
import { listed } from './listed.ts';
import { dumpObstacles, fileObstacles, NEVER_WHOLE, noPrimary, serverObstacles } from './obstacles.ts';
import { asideName, stageOf, stoppedFor } from './state.ts';

type Found = Finding<Code>;

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { server } = facts;
  const findings = server === undefined ? noPrimary(facts) : [...obstacles(facts, server), ...progress(facts, server)];
  return { evidence: [...listed(facts), ...already(facts), ...users(facts), ...unseen(facts)], findings };
}

/** A dump matters until it was loaded. */
function obstacles(facts: Facts, server: ServerFacts): readonly Found[] {
  const isLoaded = stageOf(facts, server)?.is !== 'none';
  const ofDump = isLoaded ? [] : [...fileObstacles(facts), ...dumpObstacles(facts, server)];
  return [...ofDump, ...serverObstacles(facts, server)];
}

function progress(facts: Facts, server: ServerFacts): readonly Found[] {
  const stage = stageOf(facts, server);
  const { databases } = server;
  if (stage === undefined || !databases.known) return [];
  if (stage.is === 'none') return notRestored(facts, server);
  if (stage.is === 'beside') return beside(facts, server);
  return stage.is === 'restored' ? notStarted(facts, server) : [];
}

function notRestored({ asked, dumps, files }: Facts, { databases, primary }: ServerFacts): readonly Found[] {
  const [one] = dumps;
  if (!databases.known || !files.known || one === undefined) return [];
  const about = { code: 'not-restored', subject: asked.database, doNot: NEVER_WHOLE } as const;
  if (asked.file === undefined)
    return [
      {
        ...about,
        says: `${dumps.length} dumps may have ${asked.database}; none was chosen.`,
        remedy: `Choose one and name it: restore mysql ${asked.database} from ${one.file.name}. What was written after it was made is not in it.`,
        seen: [databases, files, primary.members],
      },
    ];
  if (!one.dump.known) return [];
  return [
    {
      ...about,
      says: `${asked.database} was not restored from ${asked.file}: what was written after that dump would be kept aside, and not be used.`,
      remedy:
        'First a copy of what is there now and a restore beside it. Nobody is stopped for that, and nothing that is used is touched.',
      seen: [databases, files, one.dump, primary.members],
    },
  ];
}

function beside(facts: Facts, server: ServerFacts): readonly Found[] {
  const { asked, dumps } = facts;
  const { databases, waiting, now, besides } = server;
  const stage = stageOf(facts, server);
  const mark = besides.find(({ database }) => stage?.is === 'beside' && database.name === stage.made.name)?.from;
  if (stage?.is !== 'beside' || !databases.known || waiting?.known !== true || now?.known === false || mark?.known !== true)
    return [];
  const seen: Found['seen'] = [databases, mark, waiting, ...(now === undefined ? [] : [now])];
  const different = differences(dumps[0], asked.database, waiting.value);
  const dump = dumps[0]?.dump;
  if (different.length > 0 && dump?.known === true)
    return [
      {
        code: 'counts-differ',
        subject: stage.made.name,
        says: `${stage.made.name} has not the rows of ${asked.file}: ${different.join(', ')}.`,
        remedy: `Somebody wrote into it, or it is of another dump of this name. A person drops it, and asks for the restore again.`,
        seen: [...seen, dump],
      },
    ];
  const before = new Map((now?.value ?? []).map(({ name, rows }) => [name, rows]));
  const rows = waiting.value.map((each) => `${each.name} ${each.rows} (now ${before.get(each.name) ?? 'none'})`);
  const missing = [...before.keys()].filter((name) => waiting.value.every((each) => each.name !== name));
  return [
    {
      code: 'restored-beside',
      subject: asked.database,
      says: `${stage.made.name} has every row of ${asked.file}, as it is in the dump: ${rows.join(', ')}.${missing.length === 0 ? '' : ` The dump has no ${missing.join(', ')}.`}`,
      remedy: `Stop who uses it, and swap them in one statement; the tables of now stay as ${asideName(stage.made.name)}.`,
      doNot: NEVER_WHOLE,
      seen,
    },
  ];
}

/** Where the dump tells how many rows it has. */
function differences(
  one: LookedInto | undefined,
  database: string,
  found: readonly { readonly name: string; readonly rows: number }[],
) {
  const own = one?.dump.known === true ? databaseIn(one.dump.value, database) : undefined;
  return (own?.tables ?? []).flatMap(({ name, rows, hasRows }) => {
    const expected = hasRows ? rows : 0;
    const is = found.find((each) => each.name === name)?.rows;
    return expected === undefined || expected === is ? [] : [`${name} has ${is ?? 'no table'}, the dump ${expected}`];
  });
}

function notStarted({ asked }: Facts, server: ServerFacts): readonly Found[] {
  const { databases, dependants, besides } = server;
  const lists = dependants.seen.flatMap((each) => (each.known ? [each] : []));
  const stopped = stoppedFor(server);
  if (!databases.known || lists.length < dependants.seen.length || stopped.length === 0) return [];
  const marks = besides.flatMap(({ from }) => (from?.known === true ? [from] : []));
  return [
    {
      code: 'not-started',
      subject: asked.database,
      says: `${asked.database} has the tables of ${asked.file}, and ${stopped.map(nameOf).join(', ')} ${stopped.length === 1 ? 'is' : 'are'} still stopped.`,
      remedy: 'Let them run as they ran before, and let somebody look at the application.',
      seen: [databases, ...marks, ...lists],
    },
  ];
}

function users({ server, asked }: Facts): readonly Evidence[] {
  if (server === undefined || asked.file === undefined || !server.sessions.known) return [];
  const { dependants, sessions } = server;
  const lists = knownOf(dependants.seen);
  if (lists.length < dependants.seen.length) return [];
  const { users: found, missing, notByHand } = dependants;
  return [
    ...found.map((user) =>
      ok(`${nameOf(user)} uses ${asked.database}: ${howFound(user)}; it runs ${user.runs}`, sessions, ...lists),
    ),
    ...(missing.length > 0
      ? [ok(`Configured as users of ${asked.database}, and not there: ${missing.join(', ')}`, ...lists)]
      : []),
    ...notByHand
      .filter(({ isProxy }) => isProxy)
      .map(({ subject }) =>
        ok(`${subject} forwards sessions: who is behind it, only the configuration tells`, sessions, ...lists),
      ),
    ...(found.length === 0 ? [ok(`Nobody is known to use ${asked.database}`, sessions, ...lists)] : []),
  ];
}

/** What it was asked for is done, also where rows were lost again since: that, the names alone do not tell. */
function already(facts: Facts): readonly Evidence[] {
  const { server, asked } = facts;
  const stage = server === undefined ? undefined : stageOf(facts, server);
  if (server?.databases.known !== true || stage?.is !== 'restored') return [];
  return [
    ok(
      `${asked.database} was restored from ${asked.file} already, by ${stage.made.name}, which is empty since. Who needs that dump once more, because rows were lost again, drops it first (that restore can then not be undone any more): DROP DATABASE \`${stage.made.name}\`;`,
      server.databases,
      ...knownOf(server.besides.flatMap(({ from }) => from ?? [])),
    ),
  ];
}

function unseen({ look, files, room, dumps, server }: Facts): readonly Evidence[] {
  const {
    databases,
    spaces = new Map<string, never>(),
    sessions,
    besides = [],
    dependants,
    now,
    waiting,
    programs,
  } = server ?? {};
  const ofServer = [databases, sessions, now, waiting, programs, ...besides.map(({ from }) => from)].flatMap(
    (seen) => seen ?? [],
  );
  return [
    ...notSeen('The pods of the cluster', [look.pods]),
    ...look.instances.flatMap(({ pod, asked }) =>
      asked === undefined ? [] : notSeen(`The server in ${pod.name}`, [asked.state, asked.members]),
    ),
    ...notSeen('The dumps', [files, room, ...dumps.map(({ dump }) => dump)]),
    ...notSeen('The primary', ofServer),
    ...[...spaces].flatMap(([pod, space]) => notSeen(`The volume of ${pod}`, [space])),
    ...notSeen('Who uses it', dependants?.seen ?? []),
  ];
}
