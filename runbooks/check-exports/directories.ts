import { datasetOf } from '../../src/commands/zfs.ts';
import { together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Facts } from './facts.ts';
import { isMeant, linesOf } from './facts.ts';
import type { Part } from './finding.ts';
import { found, NOTHING } from './finding.ts';

/** Paths that somebody names, and that do not exist. A dataset that is not mounted explains those below it. */
export function diagnoseDirectories(facts: Facts): Part {
  const { directories, nas } = facts;
  if (!directories?.known) return NOTHING;
  const datasets = nas.datasets?.known ? nas.datasets.value : [];
  const gone = directories.value
    .filter((each) => each.found === undefined && isMeant(facts, each.path))
    .filter(({ path }) => datasetOf(datasets, path)?.mounted !== false);
  return together(gone.map(({ path }) => missing(facts, path, directories)));
}

function missing(facts: Facts, path: string, directories: Known<unknown>): Part {
  const update = inWholeUpdate(facts, path);
  if (update !== undefined) return blocking(path, update.says, [update.seen, directories]);
  const named = namedBy(facts, path);
  if (named === undefined) return NOTHING;
  return found({
    code: 'path-missing',
    subject: path,
    says: `${path} does not exist on the NAS, and ${named.says}`,
    remedy:
      'Find out why it is gone: a dataset or pool that is not there, a rename, a deletion. Where nothing needs it, /storage remove export takes the export away.',
    doNot: 'Do not create an empty directory where data is expected: the service would start on nothing and write there.',
    seen: [directories, ...named.seen],
  });
}

function blocking(path: string, where: string, seen: readonly [Known<unknown>, ...Known<unknown>[]]): Part {
  return found({
    code: 'share-has-missing-path',
    subject: path,
    says: `${path} does not exist on the NAS, and ${where}: the next change of the exports is refused as a whole, and nothing is changed then`,
    remedy: `Mount the dataset that holds it, if there is one. If nothing needs it, take it out: /storage remove export ${path}.`,
    doNot:
      'Do not create the directory blindly: it may be a dataset that is not mounted, and the service would start on nothing.',
    seen,
  });
}

/** Whether it is in a list that is only taken as a whole: a share of CORE, or the site's script. SCALE has a share for each path. */
function inWholeUpdate(
  { nas: { flavour, shares, file }, site }: Facts,
  path: string,
): { says: string; seen: Known<unknown> } | undefined {
  const share =
    flavour === 'core' && shares?.known ? shares.value.find(({ enabled, paths }) => enabled && paths.includes(path)) : undefined;
  if (shares?.known && share !== undefined) return { says: `share ${share.id} names it`, seen: shares };
  const script = site.nas.exportsScript;
  if (script === undefined || !file?.known || !file.value.some((line) => line.path === path)) return undefined;
  return { says: `${script} made an export of it`, seen: file };
}

function namedBy({ nas, users }: Facts, path: string): { says: string; seen: readonly Known<unknown>[] } | undefined {
  const isIt = (each: { readonly path: string }) => each.path === path;
  const from = linesOf(nas);
  if (nas.active?.known && nas.active.value.some(isIt)) return { says: 'its export is in force', seen: [nas.active] };
  if (from?.lines.some(isIt)) return { says: 'the file of exports names it', seen: from.files };
  const user = users.find(isIt);
  return user && { says: `${user.says} names it`, seen: user.seen };
}
