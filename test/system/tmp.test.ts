import { expect, test } from 'vitest';
import add from '../../runbooks/add-export/index.ts';
import diag from '../../runbooks/diagnose-nfs/index.ts';
import type { Case } from '../contract.ts';
import { linesOf, openWorkshop, statusesOf, stepsTried, verdictAtEnd } from './repair.ts';
const all = (['scale','debian'] as const).flatMap(nas => [add, diag].flatMap(r => ['export-missing','export-not-loaded', 'dataset-not-mounted','mountd-down','nfsd-stopped', 'nas-vm-down', 'owners-unmapped','write-denied','reset-ignored'].map(scenario => ({r, c: {scenario, nas, words:['immich']} as unknown as Case}))));
for (const {c,r} of all) test(`${r.id} ${c.nas} ${c.name ?? c.scenario}`, async () => {
  await using w = await openWorkshop(r, c);
  const t=performance.now();
  const v = await w.repair();
  const ms = performance.now()-t;
  const ex = [...w.world.executed];
  const v2 = c.scenario==='reset-ignored'? v: await w.repair();
  console.log(r.id, c.nas, c.name ?? c.scenario, ms.toFixed(0), v.status, statusesOf(v), verdictAtEnd(v), v.rounds.length, 'exec==', JSON.stringify(linesOf(stepsTried(v)))===JSON.stringify(ex), 'second', verdictAtEnd(v2), statusesOf(v2), w.world.executed.length-ex.length, ex);
  if (verdictAtEnd(v)!=='well') console.log(v.problem, v.rounds.at(-1)?.diagnosis.findings.map(f=>f.code+' '+f.says), v.rounds.at(-1)?.diagnosis.evidence.filter(e=>e.status!=='ok').map(e=>e.says), v.rounds.flatMap(r=>r.steps.map(s=>s.detail)));
});
