import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Head, Sealed } from './chain.ts';
import { compareRun } from './compare.ts';
import { headsInJournal, journalOf, journalRuns } from './journal.ts';
import { type AnchorSources, type KnownAnchors, knownAnchors } from './known-anchors.ts';
import { fileLines, MIRROR_FILE, openSnapshot, type Snapshot } from './sources.ts';
import { createTelling, type Telling } from './told.ts';
import { type TrailProblem, type Verified, verifyTrail } from './verify.ts';

export interface ToExamine extends AnchorSources {
  readonly key: Uint8Array;
  /** Gets each genuine line of the database. */
  readonly each?: (sealed: Sealed) => void;
}

export interface Examined {
  readonly table: Counted;
  readonly file: Counted;
  readonly anchors: readonly { readonly where: string; readonly count: number }[];
  readonly compared: { readonly runs: number; readonly outputs: number; readonly steps: number; readonly decisions: number };
  /** Runs that were asked for before there was a trail. */
  readonly older: number;
  /** Runs whose outputs were dropped because of their age, so that there is nothing to compare them with. */
  readonly dropped: number;
  readonly problems: readonly TrailProblem[];
}

export interface Counted {
  readonly lines: number;
  readonly head: Head;
}

/** Reads the trail wherever it is kept, and all that it tells of, and says what does not agree. */
export async function examine(wanted: ToExamine): Promise<Examined> {
  // First what is written last, so that whatever the bot writes meanwhile can only be in the database already.
  const known = await knownAnchors(wanted);
  const file = verifyTrail({ lines: fileLines(join(wanted.stateDirectory, MIRROR_FILE)), key: wanted.key });
  const snapshot = openSnapshot(wanted.stateDirectory);
  try {
    return examineSnapshot(wanted, { snapshot, file, known });
  } finally {
    snapshot.close();
  }
}

const ATTEMPTS = 5;
const PAUSE_MS = 200;

/** Examines again where the bot may have been just between its database and its file. */
export async function examinePatiently(wanted: ToExamine): Promise<Examined> {
  for (let attempt = 1; ; attempt += 1) {
    const examined = await examine(wanted);
    if (attempt === ATTEMPTS || examined.file.head.mac === examined.table.head.mac) return examined;
    await sleep(PAUSE_MS);
  }
}

interface Parts {
  readonly snapshot: Snapshot;
  readonly file: Verified;
  readonly known: KnownAnchors;
}

function examineSnapshot({ key, each }: ToExamine, { snapshot, file, known }: Parts): Examined {
  const telling = createTelling();
  const inJournal = headsInJournal(snapshot.db);
  const table = verifyTrail({
    lines: snapshot.lines(),
    key,
    anchors: [...known.anchors, ...inJournal],
    each: (sealed) => {
      telling.hear(sealed);
      each?.(sealed);
    },
  });
  const told = telling.all();
  const { problems, older } = journalProblems(told, snapshot);
  return {
    table,
    file,
    anchors: [...known.counts, { where: 'the ends of runs in the journal', count: inJournal.length }],
    compared: countsOf(told),
    older,
    dropped: [...told.runs.values()].filter((run) => run.dropped !== undefined).length,
    problems: [
      ...within('storagebot.db', [...table.problems, ...snapshot.misnumbered()]),
      ...within(MIRROR_FILE, file.problems),
      ...differences(table, file),
      ...known.problems,
      ...told.problems,
      ...problems,
    ],
  };
}

function within(source: string, problems: readonly TrailProblem[]): TrailProblem[] {
  return problems.map((problem) => ({ ...problem, says: `${source}: ${problem.says}` }));
}

function differences(table: Verified, file: Verified): TrailProblem[] {
  const problems = [...file.macs].flatMap(([seq, mac]) => {
    const other = table.macs.get(seq);
    return other === undefined || other === mac
      ? []
      : [{ says: `Seq ${seq} is not the same in ${MIRROR_FILE} as in storagebot.db.`, seq }];
  });
  if (file.head.seq === table.head.seq) return problems;
  return [...problems, { says: `${MIRROR_FILE} ends with seq ${file.head.seq}, and storagebot.db with seq ${table.head.seq}.` }];
}

function journalProblems({ runs, since }: Telling, { db }: Snapshot): { problems: TrailProblem[]; older: number } {
  const written = journalRuns(db);
  const untold = written.filter(({ id }) => !runs.has(id));
  const strangers = untold.filter(({ startedAt }) => startedAt >= since);
  const compared = [...runs].flatMap(([id, told]) => {
    const journal = journalOf(db, id);
    if (journal !== undefined) return compareRun(told, journal);
    return [
      { says: `Run ${id} stands in the trail (seq ${told.asked.seq}) and not in the journal.`, seq: told.asked.seq, run: id },
    ];
  });
  const problems = strangers.map(({ id }) => ({ says: `Run ${id} stands in the journal and not in the trail.`, run: id }));
  return { problems: [...compared, ...problems], older: untold.length - strangers.length };
}

function countsOf({ runs }: Telling): Examined['compared'] {
  const all = [...runs.values()];
  const looks = all.flatMap(({ looked, dropped }) => (dropped === undefined ? [...looked.values()] : []));
  const plans = all.flatMap(({ planned }) => [...planned.values()]);
  return {
    runs: runs.size,
    outputs: looks.flatMap(({ event }) => event.seen).length,
    steps: plans.flatMap(({ event }) => event.steps).length,
    decisions: all.flatMap(({ decided }) => [...decided.keys()]).length,
  };
}
