import type { ExportLine } from '../../../src/commands/exports.ts';
import { covers, rootedAtFsidZero } from '../../../src/commands/exports.ts';
import type { ServerLogLine } from '../../../src/commands/nas.ts';
import type { ExportEntry } from '../../../src/commands/nfs-client.ts';
import type { Dataset } from '../../../src/commands/zfs.ts';
import { datasetOf } from '../../../src/commands/zfs.ts';
import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, isSome, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Code } from '../codes.ts';
import type { Facts, NasFacts } from '../facts.ts';
import { pathsOf } from '../facts.ts';

type Part = Diagnosis<Code>;

/** Each of the service's paths on the NAS, from the disk up: directory, dataset, export. */
export function diagnosePaths(facts: Facts): Part {
  const paths = pathsOf(facts);
  const { nas } = facts;
  const looks = [nas.directories, nas.datasets, nas.file, nas.dropIns, nas.active].filter((seen) => seen !== undefined);
  return together([
    { evidence: paths.length === 0 ? [] : notSeen('Paths on the NAS', looks), findings: [] },
    fsidZero(facts),
    { evidence: well(facts, paths), findings: [] },
    ...paths.map((path) => diagnosePath(facts, path)),
  ]);
}

/** On Linux the line is proof by itself: clients that mounted before go on, and every new mount fails. */
function fsidZero({ nas, site }: Facts): Part {
  if (nas.flavour === undefined || nas.flavour === 'core' || !nas.file?.known) return NOTHING;
  const line = rootedAtFsidZero(nas.file.value);
  if (line === undefined) return NOTHING;
  const finding: Finding<Code> = {
    code: 'fsid-zero',
    subject: line.path,
    says: `${line.path} is exported with fsid=0: for NFSv4 clients it is the root, and every other path does not exist`,
    remedy: 'Take fsid=0 out of that line and reload the exports.',
    doNot: `Do not restart the NFS server on ${site.nas.host.name}: that broke the mounts that still worked on 2026-04-14.`,
    seen: [nas.file],
  };
  return { evidence: [bad(`${line.path} is exported with fsid=0`, nas.file)], findings: [finding] };
}

const NOTHING: Part = { evidence: [], findings: [] };

/** The paths without fault, in one line for each question. */
function well({ nas: { directories, active } }: Facts, paths: readonly string[]): Evidence[] {
  const found = directories?.known
    ? paths.filter((path) => directories.value.some((each) => each.path === path && each.found))
    : [];
  const exports = active?.known ? paths.filter((path) => covers(active.value, path)) : [];
  return [
    ...(directories?.known && isSome(found)
      ? [ok(`${found.length} of ${paths.length} directories exist on the NAS`, directories)]
      : []),
    ...(active?.known && isSome(exports) ? [ok(`${exports.length} of ${paths.length} paths are exported`, active)] : []),
  ];
}

function diagnosePath(facts: Facts, path: string): Part {
  const { nas } = facts;
  const stages = [() => missingDirectory(nas, path), () => unmountedDataset(nas, path), () => exported(facts, path)];
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

function unmountedDataset({ datasets }: NasFacts, path: string): Part {
  if (!datasets?.known) return NOTHING;
  const dataset = datasetOf(datasets.value, path);
  if (dataset === undefined || dataset.mounted) return NOTHING;
  return { evidence: [bad(`Dataset ${dataset.name} is not mounted`, datasets)], findings: [notMounted(dataset, path, datasets)] };
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

function exported(facts: Facts, path: string): Part {
  const { active, file, dropIns, flavour, log } = facts.nas;
  if (!active?.known) return NOTHING;
  if (covers(active.value, path)) return NOTHING;
  const files = [file, ...(flavour === 'core' ? [] : [dropIns])].filter((seen) => seen !== undefined);
  const known = files.filter((seen) => seen.known);
  const evidence = [bad(`${path} is not exported`, active)];
  const naming = known.find(({ value }) => covers(value, path));
  if (naming !== undefined) {
    const refused = log?.known ? refusal(log, path) : undefined;
    return { evidence, findings: [refused ?? notLoaded(path, active, naming)] };
  }
  if (known.length !== files.length || !isThere(facts.nas, path)) return { evidence, findings: [] };
  return { evidence, findings: [notExported(path, active, known)] };
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

function refusal(log: Known<readonly ServerLogLine[]>, path: string): Finding<Code> | undefined {
  const line = log.value.findLast(({ refusedPath }) => refusedPath === path);
  if (line === undefined) return undefined;
  return {
    code: 'export-line-refused',
    subject: path,
    says: `mountd refuses the line of ${path}: ${line.text.slice(0, 300)}`,
    remedy:
      "One file system may be exported to one network with one set of options only: merge the lines (on TrueNAS in the share's settings), then reload.",
    doNot: 'Do not run the script of exports again: it writes the same line, and mountd refuses it again.',
    seen: [log],
  };
}
