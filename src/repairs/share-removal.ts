import * as middleware from '../commands/middleware.ts';
import { directories } from '../commands/nas.ts';
import { show } from '../core/command.ts';
import type { Check, Step, Verification } from '../core/plan.ts';
import { check } from '../core/plan.ts';
import { exportsExactly, pathsIn, unchanged } from './export-checks.ts';
import { changesExport, changesNas, usesDatasetOf } from './holds.ts';
import type { RemovalSituation } from './removal-situation.ts';
import { KEEPS_DATA, MAY_BE_MOUNTED, othersThan } from './removal-situation.ts';

/** The share loses the path, or is deleted with its last one. undefined where it is not one enabled share that names the path. */
export function unshareStep(situation: RemovalSituation): readonly [Step] | undefined {
  const { path, shares, active } = situation;
  const naming = shares?.value.filter(({ paths }) => paths.includes(path)) ?? [];
  const [share] = naming;
  const isOurs = pathsIn(active.value).every((each) =>
    shares?.value.some(({ enabled, paths }) => enabled && paths.includes(each)),
  );
  if (share === undefined || naming.length > 1 || !share.enabled || !isOurs) return undefined;
  const rest = share.paths.filter((each) => each !== path);
  return [rest.length === 0 ? deletion(situation, share) : shrinking(situation, share, rest)];
}

function shrinking(situation: RemovalSituation, share: middleware.Share, rest: readonly string[]): Step {
  const { host } = situation.site.nas;
  const query = middleware.shares(host);
  const isAs = (paths: readonly string[]) => (all: readonly middleware.Share[]) =>
    all.some((each) => sameSettings(each, { ...share, paths, settings: { ...share.settings, paths } }));
  return {
    ...common(situation),
    after: onlyWithout(situation, isAs(rest)),
    title: `Take ${situation.path} out of share ${share.id}`,
    before: [
      unchanged(situation),
      check(`Share ${share.id} is as it was seen, with its ${share.paths.length} paths`, query, isAs(share.paths)),
      ...allExist(situation, rest),
      ...situation.unused,
    ],
    change: { ...middleware.setSharePaths(host, share.id, rest), risk: 'high' },
    undo: {
      change: middleware.setSharePaths(host, share.id, share.paths),
      before: [
        check(`Share ${share.id} still has the ${rest.length} paths that were left to it`, query, isAs(rest)),
        ...allExist(situation, share.paths),
      ],
      after: asBefore(situation, isAs(share.paths)),
    },
  };
}

function deletion(situation: RemovalSituation, share: middleware.Share): Step {
  const { site, path } = situation;
  const { host } = site.nas;
  const isGone = (all: readonly middleware.Share[]) => all.every(({ paths }) => !paths.includes(path));
  const query = middleware.shares(host);
  return {
    ...common(situation),
    after: onlyWithout(situation, isGone),
    title: `Delete share ${share.id}, whose only path is ${path}`,
    before: [
      unchanged(situation),
      check(`Share ${share.id} is as it was seen`, query, (all) => all.some((each) => sameSettings(each, share))),
      ...situation.unused,
    ],
    change: middleware.deleteShare(host, share.id),
    undo: {
      change: middleware.restoreShare(host, share.settings),
      before: [check(`No share has ${path}`, query, isGone), ...allExist(situation, share.paths)],
      after: asBefore(situation, (all) => !isGone(all)),
    },
  };
}

function common(situation: RemovalSituation): Pick<Step, 'because' | 'holds' | 'warnings'> {
  const { site, path, because, datasets } = situation;
  return {
    because,
    holds: [changesExport(path), changesNas(site), ...usesDatasetOf(datasets.value, path)],
    warnings: [KEEPS_DATA, MAY_BE_MOUNTED],
  };
}

type IsWanted = (shares: readonly middleware.Share[]) => boolean;

function onlyWithout(situation: RemovalSituation, isWanted: IsWanted): Verification {
  const says = `The NAS exports what it did, but not ${situation.path}`;
  return withShares(situation, isWanted, exportsExactly(situation, othersThan(situation), says));
}

function asBefore(situation: RemovalSituation, isWanted: IsWanted): Verification {
  return withShares(
    situation,
    isWanted,
    exportsExactly(situation, pathsIn(situation.active.value), 'The NAS exports what it did before'),
  );
}

/** The list of exports alone proves nothing where the path was in its share and never in force. */
function withShares({ site }: RemovalSituation, isWanted: IsWanted, inForce: Verification): Verification {
  const query = middleware.shares(site.nas.host);
  return {
    ...inForce,
    says: `${inForce.says}; so do its shares`,
    line: `${inForce.line}; ${show(query.command)}`,
    holds: async (read) => {
      const seen = await read(query);
      if (!seen.known) return { answer: 'unknown', seen };
      return isWanted(seen.value) ? inForce.holds(read) : { answer: 'no', seen };
    },
  };
}

function allExist({ site }: RemovalSituation, [first, ...more]: readonly string[]): Check[] {
  if (first === undefined) return [];
  const says = 'Every path that is left to the share exists: one that does not makes the middleware refuse all';
  return [check(says, directories(site.nas.host, [first, ...more]), (all) => all.every(({ found }) => found !== undefined))];
}

function sameSettings(one: middleware.Share, other: middleware.Share): boolean {
  return one.id === other.id && JSON.stringify(one.settings) === JSON.stringify(other.settings);
}
