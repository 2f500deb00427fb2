import { datasetOf } from '../../../src/commands/zfs.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { isAtOrBelow } from '../../../src/core/path.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { pathsOf } from '../facts.ts';
import { onceEach } from './many.ts';

type Found = Finding<Code>;

/** One list says what the server exports: where none of its paths is in it, the list is what is wrong. */
const OF_EXPORTS: readonly Code[] = ['export-missing', 'export-not-loaded', 'export-wrong-network'];
const OF_PATHS: readonly Code[] = [...OF_EXPORTS, 'path-missing', 'dataset-hidden', 'export-line-refused'];

/** Fewer may be wrong each for itself. */
const MANY_PATHS = 3;

/** Makes one finding of what is said of every path of a place: below one root of the NAS, or at the NAS as a whole. */
export function asOneCause(facts: Facts, findings: readonly Found[]): Found[] {
  const { nas } = facts.site;
  const all = pathsOf(facts);
  const shared = [
    ...OF_EXPORTS.flatMap((code) => sharedBy({ subject: nas.host.name, where: 'of this NAS', paths: all }, code, findings)),
    ...nas.roots.flatMap((root) => {
      const paths = all.filter((path) => isAtOrBelow(path, root));
      return sharedBy({ subject: root, where: `below ${root}`, paths }, 'path-missing', findings);
    }),
  ];
  const alone = findings.filter((finding) => !shared.some(({ replaced }) => replaced.includes(finding)));
  const unique = new Map(alone.map((each) => [`${each.code} ${each.subject}`, each]));
  return [...shared.map(({ finding }) => finding), ...unique.values()];
}

interface Place {
  readonly subject: string;
  readonly where: string;
  readonly paths: readonly string[];
}

function sharedBy({ subject, where, paths }: Place, code: Code, findings: readonly Found[]) {
  const replaced = findings.filter((finding) => finding.code === code && paths.includes(finding.subject));
  const [first, ...more] = replaced;
  if (first === undefined || replaced.length < MANY_PATHS || replaced.length < paths.length) return [];
  const says = `All ${paths.length} directories ${where} that volumes name ${ALL_ARE[code]}: ${paths.join(', ')}`;
  const remedy = REMEDIES[code] ?? first.remedy;
  return [{ replaced, finding: { ...first, subject, says, remedy, seen: seenOf([first, ...more]) } }];
}

function seenOf(findings: readonly [Found, ...Found[]]): Found['seen'] {
  const [first, ...more] = findings;
  return onceEach([first.seen[0], ...first.seen.slice(1), ...more.flatMap(({ seen }) => seen)]);
}

const ALL_ARE: Partial<Record<Code, string>> = {
  'path-missing': 'do not exist on the NAS',
  'export-missing': 'exist on the NAS, and no export names one of them',
  'export-not-loaded': 'are in the file of exports, and the server exports none of them',
  'export-wrong-network': "are exported, and none of them to the nodes' network",
};

const REMEDIES: Partial<Record<Code, string>> = {
  'path-missing':
    'Look at what holds them all first: is the pool imported (zpool list, zpool import), is its dataset mounted? They come back with it.',
  'export-missing':
    'Bring back the list of exports as a whole: in the shares of TrueNAS, with the script of the site, or from a copy of /etc/exports.',
};

/** Whether the finding is about this path: the path itself, the dataset that it is in, or a place where all are so. */
export function concerns({ code, subject }: Found, path: string, facts: Facts): boolean {
  const { datasets } = facts.nas;
  if (code === 'dataset-not-mounted') return datasets?.known === true && datasetOf(datasets.value, path)?.name === subject;
  if (subject === path) return OF_PATHS.includes(code);
  if (OF_EXPORTS.includes(code)) return subject === facts.site.nas.host.name;
  return code === 'path-missing' && facts.site.nas.roots.includes(subject) && isAtOrBelow(path, subject);
}
