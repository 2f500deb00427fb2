import type { OptionsConflict } from '../../src/commands/export-clients.ts';
import { optionConflicts } from '../../src/commands/export-clients.ts';
import type { ServerLogLine } from '../../src/commands/nas.ts';
import { together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { pathsIn } from '../../src/repairs/export-checks.ts';
import { refusedLine } from '../../src/topology/refused-line.ts';
import type { Facts } from './facts.ts';
import { exists, isMeant, linesOf } from './facts.ts';
import type { Part } from './finding.ts';
import { found, NOTHING } from './finding.ts';

/** What the files name against what is in force, both ways. */
export function diagnoseLines(facts: Facts): Part {
  return together([notInForce(facts), notInFile(facts), conflicts(facts)]);
}

type Proofs = readonly [Known<unknown>, ...Known<unknown>[]];

function notInForce(facts: Facts): Part {
  const { nas, directories } = facts;
  const from = linesOf(nas);
  if (from === undefined || !nas.active?.known || !nas.log?.known || !directories?.known) return NOTHING;
  const { active, log } = nas;
  const unread = pathsIn(from.lines).filter((path) => isMeant(facts, path) && !pathsIn(active.value).includes(path));
  const seen: Proofs = [active, log, directories, ...from.files];
  return together(
    unread.filter((path) => exists(directories, path)).map((path) => found(refused(path, log, seen) ?? notLoaded(path, seen))),
  );
}

function notLoaded(path: string, seen: Proofs) {
  return {
    code: 'export-not-loaded',
    subject: path,
    says: `The file of exports names ${path}, the server does not export it, and its log says nothing against the line`,
    remedy: 'Reload the exports; existing mounts are not dropped.',
    doNot: 'Do not restart the NFS server: a reload does what is needed.',
    seen,
  } as const;
}

function refused(path: string, log: Known<readonly ServerLogLine[]>, seen: Proofs) {
  const finding = refusedLine(path, log);
  return finding && { ...finding, seen };
}

function notInFile(facts: Facts): Part {
  const { active } = facts.nas;
  const from = linesOf(facts.nas);
  if (from === undefined || !active?.known) return NOTHING;
  const strays = pathsIn(active.value).filter((path) => isMeant(facts, path) && !pathsIn(from.lines).includes(path));
  return together(
    strays.map((path) =>
      found({
        code: 'export-not-in-file',
        subject: path,
        says: `${path} is in force, and in no file: it was exported by hand, and the next reload drops it`,
        remedy:
          'Find out who exported it. Where it is needed, write it down where exports of this server are kept (on TrueNAS a share), with the same clients; where it is not, let it go with the next reload.',
        doNot: 'Do not reload the exports before: its clients would get "Stale file handle" at once.',
        seen: [active, ...from.files],
      }),
    ),
  );
}

/** FreeBSD keeps the first line of a file system and network, and refuses others with other options: at the next reload at the latest. */
function conflicts(facts: Facts): Part {
  const { flavour, file, datasets, active } = facts.nas;
  if (flavour !== 'core' || !file?.known || !datasets?.known || !active?.known) return NOTHING;
  const waiting = optionConflicts(file.value, datasets.value).filter(
    ({ path }) => pathsIn(active.value).includes(path) && isMeant(facts, path),
  );
  return together(waiting.map(({ path, before }) => conflict({ path, before, seen: [file, datasets, active] })));
}

function conflict({ path, before, seen }: OptionsConflict & { readonly seen: Proofs }): Part {
  return found({
    code: 'export-options-conflict',
    subject: path,
    says: `The lines of ${before.path} and ${path} export one file system to the same clients with different options: mountd keeps the first one, and drops ${path} at the next reload`,
    remedy: "Give both the same options (on TrueNAS in the share's settings).",
    doNot: 'Do not reload the exports before that: what is in force now works, and would be dropped.',
    seen,
  });
}
