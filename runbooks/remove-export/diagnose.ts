import { covers } from '../../src/commands/exports.ts';
import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { bad, isSome, knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import { pathsIn } from '../../src/repairs/export-checks.ts';
import type { Code } from './codes.ts';
import type { Facts, Proofs } from './facts.ts';
import { diagnoseKeeper } from './keeper.ts';
import { diagnoseUse } from './use.ts';

type Part = Diagnosis<Code>;

const NOTHING: Part = { evidence: [], findings: [] };

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { nas, path, others, mainText, ownText } = facts;
  const looks = [nas.kernel, nas.middleware, nas.active, nas.file, nas.dropIns, nas.shares, nas.datasets];
  const seen = [...looks, others, mainText, ownText].filter((each) => each !== undefined);
  const blind = notSeen('Exports of the NAS', seen);
  const proofs = keepers(facts);
  if (proofs === undefined) return { evidence: blind, findings: [] };
  if (!isKept(facts)) return together([{ evidence: blind, findings: [] }, absent(facts, proofs)]);
  const evidence: Evidence[] = [...blind, bad(`${path} is exported: ${placesOf(facts).join('; ')}`, ...proofs)];
  const parts = [diagnoseUse(facts), missingPath(facts), strays(facts, proofs), diagnoseKeeper(facts, proofs)];
  return together([{ evidence, findings: [stillExported(facts, proofs)] }, ...parts]);
}

/** All that says whether the path is exported; undefined unless all of it was seen. */
function keepers({ nas: { flavour, active, file, dropIns, shares } }: Facts): Proofs | undefined {
  const all = [active, file, dropIns, shares].filter((each) => each !== undefined);
  const known = knownOf<unknown>(all);
  return flavour !== undefined && known.length === all.length && isSome(known) ? known : undefined;
}

function isKept(facts: Facts): boolean {
  return placesOf(facts).length > 0;
}

/** Where the export is, in words. */
function placesOf({ nas: { active, file, dropIns, shares }, path }: Facts): string[] {
  const names = (list: readonly { readonly path: string }[]) => list.some((each) => each.path === path);
  const own = shares?.known ? shares.value.filter(({ paths }) => paths.includes(path)) : [];
  return [
    ...(active?.known && names(active.value) ? [`in force, with ${pathsIn(active.value).length - 1} others`] : []),
    ...(file?.known && names(file.value) ? ['in /etc/exports'] : []),
    ...(dropIns?.known && names(dropIns.value) ? ['in a file in /etc/exports.d'] : []),
    ...own.map(
      ({ id, enabled, paths }) => `in share ${id}, with ${paths.length - 1} others${enabled ? '' : ', which is switched off'}`,
    ),
  ];
}

function absent({ nas: { active }, path }: Facts, proofs: Proofs): Part {
  if (!active?.known) return NOTHING;
  const above = active.value.find((entry) => covers([entry], path));
  const says = `${path} has no export of its own; ${pathsIn(active.value).length} others are in force`;
  if (above === undefined) return { evidence: [ok(`${says}: there is nothing to remove`, ...proofs)], findings: [] };
  const finding: Finding<Code> = {
    code: 'exported-through-parent',
    subject: path,
    says: `${path} has no export of its own: clients reach it through the export of ${above.path}`,
    remedy: `Nothing can be taken away for ${path} alone. /storage remove export ${above.path} looks at who uses all of that.`,
    doNot: `Do not remove ${above.path} without looking: everything below it goes with it.`,
    seen: proofs,
  };
  return { evidence: [bad(finding.says, ...proofs)], findings: [finding] };
}

function stillExported({ path }: Facts, seen: Proofs): Finding<Code> {
  return {
    code: 'still-exported',
    subject: path,
    says: `${path} is exported`,
    remedy: 'Take this one export away, if nothing uses it. The directory and its data stay.',
    doNot: 'Do not restart the NFS server for it, and do not delete the directory: its data may be the only copy.',
    seen,
  };
}

function missingPath({ others, path }: Facts): Part {
  if (!others?.known) return NOTHING;
  const gone = others.value.filter(({ found }) => found === undefined).map((each) => each.path);
  if (!isSome(gone)) return { evidence: [ok('Every other path that is exported exists', others)], findings: [] };
  const says = `Exported beside ${path}, and missing on the NAS: ${gone.join(', ')}`;
  const finding: Finding<Code> = {
    code: 'share-has-missing-path',
    subject: gone[0],
    says,
    remedy: `Mount the dataset that holds it, or remove that export first: /storage remove export ${gone[0]}.`,
    doNot: 'Do not create it empty: a dataset that is not mounted would be hidden.',
    seen: [others],
  };
  return { evidence: [bad(says, others)], findings: [finding] };
}

/** In force, and in nothing from which the server would make it again. */
function strays({ nas: { active, file, dropIns, shares }, path }: Facts, seen: Proofs): Part {
  if (!active?.known || !file?.known) return NOTHING;
  const kept = shares?.known
    ? shares.value.flatMap(({ enabled, paths }) => (enabled ? paths : []))
    : pathsIn([...file.value, ...(dropIns?.known ? dropIns.value : [])]);
  const lost = pathsIn(active.value).filter((each) => each !== path && !kept.includes(each));
  if (!isSome(lost)) return NOTHING;
  const says = `In force, and kept by ${shares === undefined ? 'no file' : 'no share'}: ${lost.join(', ')}`;
  const finding: Finding<Code> = {
    code: 'reload-would-drop',
    subject: lost[0],
    says,
    remedy: `Find out who exported ${lost[0]} by hand, and write it down where it belongs; then remove ${path}.`,
    doNot: 'Do not reload the exports before: clients of those paths would be cut off.',
    seen,
  };
  return { evidence: [bad(says, ...seen)], findings: [finding] };
}
