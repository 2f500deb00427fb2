import * as middleware from '../commands/middleware.ts';
import * as nas from '../commands/nas.ts';
import { datasetOf } from '../commands/zfs.ts';
import type { Host } from '../core/command.ts';
import type { Check, Step } from '../core/plan.ts';
import { check, noUndo } from '../core/plan.ts';
import type { Known } from '../core/reading.ts';
import type { ExportSituation } from './export-checks.ts';
import { addedAlone, gone, unchanged, usesTester } from './export-checks.ts';
import { changesExport, changesNas, usesDatasetOf } from './holds.ts';

export function scaleStep(situation: ExportSituation): Step {
  const { site, path, because, datasets } = situation;
  const { host, clientNetwork } = site.nas;
  return {
    title: `Create the share ${path}`,
    because,
    before: [unchanged(situation), check(`No share has ${path}`, middleware.shares(host), (all) => !has(all, path))],
    change: middleware.createShare(host, { path, network: clientNetwork, flavour: 'scale' }),
    after: addedAlone(situation),
    undo: noUndo("The change prints the new share's id: midclt call sharing.nfs.delete with that id takes it away again."),
    holds: [changesExport(path), changesNas(site), ...usesDatasetOf(datasets.value, path), ...usesTester(situation)],
  };
}

/** CORE refuses a second share of one file system for one network: the path joins the share that is there. */
export function coreStep(situation: ExportSituation, shares: Known<readonly middleware.Share[]>): Step {
  const { site, path, because, datasets, unused } = situation;
  const { host, clientNetwork } = site.nas;
  const share = shareFor(situation, shares.value);
  if (share === undefined) {
    const create = middleware.createShare(host, { path, network: clientNetwork, flavour: 'core' });
    return { ...scaleStep(situation), change: create };
  }
  const [first = path, ...more] = share.paths;
  const others = share.networks.filter((network) => network !== clientNetwork);
  return {
    ...(others.length > 0 && {
      warnings: [`Share ${share.id} is for ${others.join(', ')} as well: they may mount ${path} too.`],
    }),
    title: `Add ${path} to share ${share.id}`,
    because,
    before: [
      unchanged(situation),
      check(`Share ${share.id} still has its ${share.paths.length} paths`, middleware.shares(host), (all) =>
        hasPaths(all, share.id, share.paths),
      ),
      allExist(host, [path, first, ...more]),
    ],
    change: middleware.setSharePaths(host, share.id, [...share.paths, path]),
    after: addedAlone(situation),
    undo: {
      change: middleware.setSharePaths(host, share.id, share.paths),
      before: [
        check(`Share ${share.id} has ${path} and its ${share.paths.length} paths from before`, middleware.shares(host), (all) =>
          hasPaths(all, share.id, [...share.paths, path]),
        ),
        allExist(host, [first, ...more]),
        unused,
      ],
      after: gone(situation, share.paths),
    },
    holds: [changesExport(path), changesNas(site), ...usesDatasetOf(datasets.value, path), ...usesTester(situation)],
  };
}

function allExist(host: Host, paths: readonly [string, ...string[]]): Check {
  return check(
    'Every path of the share exists: one that does not makes the middleware refuse all',
    nas.directories(host, paths),
    (all) => all.every(({ found }) => found !== undefined),
  );
}

function hasPaths(shares: readonly middleware.Share[], share: number, wanted: readonly string[]): boolean {
  return shares.some(({ id, paths }) => id === share && paths.toSorted().join('\n') === wanted.toSorted().join('\n'));
}

/** The share of the same file system for the clients' network, for writing. */
function shareFor({ site, path, datasets }: ExportSituation, shares: readonly middleware.Share[]): middleware.Share | undefined {
  const own = datasetOf(datasets.value, path)?.name;
  return shares.find(
    (share) =>
      share.enabled &&
      !share.readOnly &&
      share.hosts.length === 0 &&
      share.networks.includes(site.nas.clientNetwork) &&
      share.paths.some((each) => datasetOf(datasets.value, each)?.name === own),
  );
}

function has(shares: readonly middleware.Share[], path: string): boolean {
  return shares.some(({ paths }) => paths.includes(path));
}
