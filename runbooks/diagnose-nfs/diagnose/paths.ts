import type { ExportLine } from '../../../src/commands/exports.ts';
import { covers, rootedAtFsidZero } from '../../../src/commands/exports.ts';
import type { ServerLogLine } from '../../../src/commands/nas.ts';
import type { ExportEntry, TestMount } from '../../../src/commands/nfs-client.ts';
import type { Dataset } from '../../../src/commands/zfs.ts';
import { datasetOf } from '../../../src/commands/zfs.ts';
import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, isSome, notSeen, ok, together } from '../../../src/core/finding.ts';
import { isAtOrBelow } from '../../../src/core/path.ts';
import type { Known } from '../../../src/core/reading.ts';
import { notAsked } from '../../../src/topology/askable.ts';
import type { ExportState } from '../../../src/topology/exported.ts';
import { exportStateOf } from '../../../src/topology/exported.ts';
import { refusedLine } from '../../../src/topology/refused-line.ts';
import type { Code } from '../codes.ts';
import type { Facts, NasFacts } from '../facts.ts';
import { pathsOf } from '../facts.ts';
import { inSentences } from './many.ts';
import { asOneCause } from './one-cause.ts';

type Part = Diagnosis<Code>;

/** Each of the service's paths on the NAS, from the disk up: directory, dataset, export. */
export function diagnosePaths(facts: Facts): Part {
  const paths = pathsOf(facts);
  const states: States = new Map(paths.map((path) => [path, stateOf(facts, path)]));
  const { nas } = facts;
  const looks = [nas.directories, nas.datasets, nas.file, nas.dropIns, nas.active].filter((seen) => seen !== undefined);
  return together([
    { evidence: paths.length === 0 ? [] : notSeen('Paths on the NAS', looks), findings: [] },
    { evidence: notAsked(facts.unaskable, facts.cluster), findings: [] },
    fsidZero(facts),
    { evidence: well(facts, states), findings: [] },
    eachPath(facts, states),
  ]);
}

/** How each path is exported; undefined where that could not be seen. */
type States = ReadonlyMap<string, ExportState | undefined>;

function eachPath(facts: Facts, states: States): Part {
  const parts = [...states].map(([path, state]) => ({ path, ...diagnosePath(facts, path, state) }));
  const said = parts.flatMap(({ path, evidence }) =>
    evidence.map((each): [string, { path: string; each: Evidence }] => [each.says, { path, each }]),
  );
  const evidence = inSentences([...new Map(said).values()], {
    kind: ({ path, each }) => each.says.replace(path, ''),
    one: ({ each }) => each,
    several: (some, { count, part }) => {
      const [{ path, each }] = some;
      const is = each.says.replace(path, '').trim();
      return { ...each, says: `Each of ${count} paths ${is}${part}: ${some.map((one) => one.path).join(', ')}` };
    },
  });
  return {
    evidence,
    findings: asOneCause(
      facts,
      parts.flatMap(({ findings }) => findings),
    ),
  };
}

/** The line alone is a fault that waits for the next mount; a mount that is told "no such path" proves it. */
function fsidZero({ nas, nodes, site, volumes }: Facts): Part {
  if (nas.flavour === undefined || nas.flavour === 'core') return NOTHING;
  const file = [nas.file, nas.dropIns].find((seen) => seen?.known && rootedAtFsidZero(seen.value) !== undefined);
  const line = file?.known ? rootedAtFsidZero(file.value) : undefined;
  const meant = volumes.every(({ backing }) => !site.nas.roots.some((root) => isAtOrBelow(backing.path, root)));
  if (!file?.known || line === undefined || meant) return NOTHING;
  const evidence = [bad(`${line.path} is exported with fsid=0`, file)];
  const refused = nodes
    .flatMap(({ testMounts }) => testMounts)
    .find(({ result }) => result.known && NO_PATH.includes(result.value));
  if (!refused?.result.known) return { evidence, findings: [] };
  const finding: Finding<Code> = {
    code: 'fsid-zero',
    subject: line.path,
    says: `${line.path} is exported with fsid=0: for NFSv4 clients it is the root, and ${refused.path} does not exist for a new mount on ${refused.node}`,
    remedy: 'Take fsid=0 out of that line and reload the exports.',
    doNot: `Do not restart the NFS server on ${site.nas.host.name}: that broke the mounts that still worked on 2026-04-14.`,
    seen: [file, refused.result],
  };
  return { evidence, findings: [finding] };
}

const NO_PATH: readonly TestMount[] = ['no-such-path', 'unsupported'];

const NOTHING: Part = { evidence: [], findings: [] };

/** The paths without fault, in one line for each question. */
function well(facts: Facts, states: States): Evidence[] {
  const { directories, active } = facts.nas;
  const paths = [...states.keys()];
  const found = directories?.known
    ? paths.filter((path) => directories.value.some((each) => each.path === path && each.found))
    : [];
  const exports = paths.filter((path) => states.get(path) === 'exported');
  return [
    ...(directories?.known && isSome(found)
      ? [ok(`${found.length} of ${paths.length} directories exist on the NAS`, directories)]
      : []),
    ...(active?.known && isSome(exports) ? [ok(`${exports.length} of ${paths.length} paths are exported`, active)] : []),
  ];
}

/** undefined where the exports in force could not be seen. */
function stateOf({ nas: { active, datasets }, site }: Facts, path: string): ExportState | undefined {
  if (!active?.known) return undefined;
  const network = site.nas.clientNetwork;
  return exportStateOf(path, { active: active.value, network, ...(datasets?.known && { datasets: datasets.value }) });
}

function diagnosePath(facts: Facts, path: string, state: ExportState | undefined): Part {
  const { nas } = facts;
  const stages = [() => unmountedDataset(facts, path), () => missingDirectory(nas, path), () => exported(facts, path, state)];
  const evidence: Evidence[] = [];
  for (const stage of stages) {
    const part = stage();
    evidence.push(...part.evidence);
    if (part.findings.length > 0) return { evidence, findings: part.findings };
  }
  return { evidence, findings: [] };
}

function missingDirectory({ directories }: NasFacts, path: string): Part {
  if (!directories?.known) return NOTHING;
  const found = directories.value.find((directory) => directory.path === path)?.found;
  if (found !== undefined) return NOTHING;
  const finding: Finding<Code> = {
    code: 'path-missing',
    subject: path,
    says: `${path} does not exist on the NAS; clients are told "Protocol not supported" or "No such file or directory"`,
    remedy:
      'Find out why it is gone: a dataset or pool that is not there, a rename, a deletion. For a service that is new: /storage add export.',
    doNot: 'Do not create an empty directory where data is expected: the service would start on nothing and write there.',
    seen: [directories],
  };
  return { evidence: [bad(`${path} does not exist on the NAS`, directories)], findings: [finding] };
}

/** The same for each path in the dataset, so that it is one finding. */
function unmountedDataset(facts: Facts, path: string): Part {
  const { datasets } = facts.nas;
  if (!datasets?.known) return NOTHING;
  const dataset = datasetOf(datasets.value, path);
  if (dataset === undefined || dataset.mounted) return NOTHING;
  const inIt = pathsOf(facts).filter((each) => datasetOf(datasets.value, each)?.name === dataset.name);
  return {
    evidence: [bad(`Dataset ${dataset.name} is not mounted`, datasets)],
    findings: [notMounted(dataset, inIt.join(', '), datasets)],
  };
}

function notMounted(dataset: Dataset, path: string, seen: Known<readonly Dataset[]>): Finding<Code> {
  return {
    code: 'dataset-not-mounted',
    subject: dataset.name,
    says: `${dataset.name}, which holds ${path}, is not mounted: clients see the empty directory below it`,
    remedy: 'Mount the dataset; pods that hold the empty directory then need a fresh mount.',
    doNot: 'Do not restore anything: the data is in the dataset.',
    seen: [seen],
  };
}

function exported(facts: Facts, path: string, state: ExportState | undefined): Part {
  const { active, datasets } = facts.nas;
  if (!active?.known || state === undefined || state === 'exported') return NOTHING;
  if (state === 'not-exported') return notExportedNow(facts, { path, active });
  const evidence = [bad(`${path} is not exported to ${facts.site.nas.clientNetwork}`, active)];
  if (state === 'other-network') return { evidence, findings: [wrongNetwork(facts, { path, active })] };
  return { evidence, findings: datasets?.known ? [hidden(path, [active, datasets])] : [] };
}

interface NotActive {
  readonly path: string;
  readonly active: Known<readonly ExportEntry[]>;
}

function notExportedNow(facts: Facts, { path, active }: NotActive): Part {
  const { file, dropIns, flavour, log } = facts.nas;
  const files = [file, ...(flavour === 'core' ? [] : [dropIns])].filter((seen) => seen !== undefined);
  const known = files.filter((seen) => seen.known);
  const evidence = [bad(`${path} is not exported`, active)];
  const naming = known.find(({ value }) => covers(value, path));
  if (naming !== undefined) {
    const refused = log?.known ? refusal(path, [log, active, naming]) : undefined;
    return { evidence, findings: [refused ?? notLoaded(path, active, naming)] };
  }
  if (known.length !== files.length || !isThere(facts.nas, path)) return { evidence, findings: [] };
  return { evidence, findings: [notExported(path, active, known)] };
}

function wrongNetwork({ site }: Facts, { path, active }: NotActive): Finding<Code> {
  return {
    code: 'export-wrong-network',
    subject: path,
    says: `${path} is exported, and not to the nodes' network ${site.nas.clientNetwork}`,
    remedy: "Add the network to the export that is there (on TrueNAS in the share's settings), then reload.",
    doNot: 'Do not export the path a second time: two lines for one file system contradict each other.',
    seen: [active],
  };
}

function hidden(path: string, seen: [Known<unknown>, ...Known<unknown>[]]): Finding<Code> {
  return {
    code: 'dataset-hidden',
    subject: path,
    says: `${path} is a dataset of its own below an exported directory: clients of that export see it empty`,
    remedy:
      'Compare what a pod and what the NAS see there, then export the dataset itself, or move its data into a plain directory.',
    doNot: 'Do not destroy the dataset because a client sees it empty: the data is in it.',
    seen,
  };
}

/** An export of a directory that could not be looked at is not offered. */
function isThere({ directories }: NasFacts, path: string): boolean {
  return (
    directories?.known === true && directories.value.some((directory) => directory.path === path && directory.found !== undefined)
  );
}

function notExported(
  path: string,
  active: Known<readonly ExportEntry[]>,
  files: readonly Known<readonly ExportLine[]>[],
): Finding<Code> {
  return {
    code: 'export-missing',
    subject: path,
    says: `${path} exists on the NAS, no export names it, and none is in force for it`,
    remedy: 'Add the export, for this path only; all others stay as they are.',
    doNot: 'Do not restart the NFS server or regenerate all exports: the others work.',
    seen: [active, ...files],
  };
}

function notLoaded(path: string, active: Known<readonly ExportEntry[]>, file: Known<readonly ExportLine[]>): Finding<Code> {
  return {
    code: 'export-not-loaded',
    subject: path,
    says: `The file of exports names ${path}, and the server does not export it: mountd has not read the file since`,
    remedy: 'Reload the exports; existing mounts are not dropped.',
    doNot: 'Do not restart the NFS server: a reload does what is needed.',
    seen: [active, file],
  };
}

function refusal(
  path: string,
  [log, ...proofs]: [Known<readonly ServerLogLine[]>, ...Known<unknown>[]],
): Finding<Code> | undefined {
  const finding = refusedLine(path, log);
  return finding && { ...finding, seen: [log, ...proofs] };
}
