import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { bad, isSome, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { exportStateOf } from '../../src/topology/exported.ts';
import type { Code } from './codes.ts';
import { diagnoseDatasets } from './datasets.ts';
import type { Facts } from './facts.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { nas, volumes, directories, listed, path, chosen } = facts;
  const looks = [
    nas.kernel,
    nas.middleware,
    nas.active,
    nas.file,
    nas.dropIns,
    nas.pools,
    nas.datasets,
    nas.shares,
    listed,
    directories,
    volumes,
  ];
  const seen = looks.filter((each) => each !== undefined);
  const about: Evidence[] = volumes.known ? [ok(`The path is ${path}: ${chosen}`, volumes)] : [];
  return together([{ evidence: [...about, ...notSeen('NAS and cluster', seen)], findings: [] }, state(facts), fitness(facts)]);
}

/** Whether it is exported; asked of what is in force, not of the file. */
function state({ nas, path, isSure, site }: Facts): Part {
  const { active, file, dropIns, datasets } = nas;
  if (!active?.known || !isSure) return { evidence: [], findings: [] };
  const network = site.nas.clientNetwork;
  const now = exportStateOf(path, { active: active.value, network, ...(datasets?.known && { datasets: datasets.value }) });
  if (now === 'exported') {
    return { evidence: [ok(`${path} is exported, among ${active.value.length} exports`, active)], findings: [] };
  }
  if (now === 'other-network') {
    const says = `${path} is exported, and not to ${network}`;
    const remedy = `Add ${network} to the export that is there (on TrueNAS in the share's settings).`;
    return { evidence: [bad(says, active)], findings: [problem({ code: 'wrong-network', subject: path, says, remedy }, active)] };
  }
  const files = [file, dropIns].filter((each) => each !== undefined);
  const known = files.filter((each) => each.known);
  const evidence = [bad(`${path} is not exported, ${active.value.length} others are`, active)];
  const naming = known.find(({ value }) => value.some((line) => line.path === path));
  if (naming !== undefined) return { evidence, findings: [notLoaded(path, [active, naming])] };
  return { evidence, findings: known.length === files.length ? [notExported(path, [active, ...known])] : [] };
}

type Proofs = [Known<unknown>, ...Known<unknown>[]];

function notExported(path: string, seen: Proofs): Finding<Code> {
  return {
    code: 'not-exported',
    subject: path,
    says: `${path} is in no file of exports, and no export in force reaches it`,
    remedy: 'Export it, for this path only.',
    doNot: 'Do not edit /etc/exports on TrueNAS by hand: the middleware writes it anew.',
    seen,
  };
}

function notLoaded(path: string, seen: Proofs): Finding<Code> {
  return {
    code: 'export-not-loaded',
    subject: path,
    says: `The file of exports names ${path}, and the server does not export it`,
    remedy: 'Reload the exports; if the line is refused, /storage diagnose nfs says why.',
    seen,
  };
}

/** What would make the change fail or do harm. */
function fitness(facts: Facts): Part {
  return together([parent(facts), diagnoseDatasets(facts), pool(facts), shares(facts)]);
}

function parent({ directories, path }: Facts): Part {
  if (!directories.known) return { evidence: [], findings: [] };
  const [own, above] = directories.value;
  if (above?.found !== undefined)
    return {
      evidence: [ok(own?.found ? `${path} exists` : `${above.path} exists, ${path} does not yet`, directories)],
      findings: [],
    };
  const says = `${above?.path} does not exist on the NAS`;
  const remedy = 'Find out why: a dataset that is not mounted, or a path with a slip.';
  return {
    evidence: [bad(says, directories)],
    findings: [problem({ code: 'parent-missing', subject: path, says, remedy }, directories)],
  };
}

const FULL_PERCENT = 80;

function pool({ nas: { pools }, path }: Facts): Part {
  if (!pools?.known) return { evidence: [], findings: [] };
  const own = pools.value.find(({ name }) => path.startsWith(`/mnt/${name}/`));
  if (own === undefined) return { evidence: [], findings: [] };
  const says = `Pool ${own.name} is ${own.health} and ${own.usedPercent} % full`;
  const remedy = 'Repair or relieve the pool before new data goes there.';
  if (own.health === 'ONLINE' && own.usedPercent < FULL_PERCENT) return { evidence: [ok(says, pools)], findings: [] };
  return { evidence: [bad(says, pools)], findings: [problem({ code: 'pool-unfit', subject: own.name, says, remedy }, pools)] };
}

function shares({ listed }: Facts): Part {
  if (!listed?.known) return { evidence: [], findings: [] };
  const gone = listed.value.filter(({ found }) => found === undefined).map(({ path }) => path);
  if (!isSome(gone)) return { evidence: [ok('Every path that is exported now exists', listed)], findings: [] };
  const says = `In the list of exports, and missing on the NAS: ${gone.join(', ')}`;
  const remedy = `Mount the dataset that holds it; or, if nothing needs it, /storage remove export ${gone[0]}. Then add the export.`;
  const doNot = 'Do not create it blindly: it may be a dataset that is not mounted, and would be hidden then.';
  return {
    evidence: [bad(says, listed)],
    findings: [problem({ code: 'share-has-missing-path', subject: gone[0], says, remedy, doNot }, listed)],
  };
}

function problem(about: Omit<Finding<Code>, 'seen'>, proof: Known<unknown>): Finding<Code> {
  return { ...about, seen: [proof] };
}
