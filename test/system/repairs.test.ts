import { describe, expect, it } from 'vitest';
import diagnoseNfs from '../../runbooks/diagnose-nfs/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { Case } from '../contract.ts';
import { isFull, leftOut, sampled } from '../depth.ts';
import { changeLines, openWorkshop, shownLines, statuses, stepsSent, verdictAtEnd } from './repair.ts';
import { covering, idle, planning } from './repair-cases.ts';
import { scaleDown, stateOf } from './world-state.ts';

/** Whose undo run takes back all that they did, once nothing in these namespaces runs any more. */
const REVERSIBLE: Readonly<Record<string, readonly string[]>> = {
  'add export: new-service': [],
  'add export: new-service-on-debian': [],
  'add export: path-on-ssd': [],
  'add export: blind-node-ssh': [],
  'add export: export-missing': ['immich'],
  'add export: export-missing-on-debian': ['immich'],
  'diagnose nfs: dataset-not-mounted': ['immich'],
  'diagnose nfs: dataset-not-mounted-on-scale': ['immich'],
  'diagnose nfs: dataset-not-mounted-on-debian': ['immich'],
  'diagnose nfs: export-missing': ['immich'],
  'diagnose nfs: export-missing-on-debian': ['immich'],
  'diagnose nfs: fsid-zero': [],
  'diagnose nfs: write-denied': [],
  'diagnose block: block-few-ghosts': [],
  'diagnose block: block-attach-in-progress': [],
  'diagnose block: block-slot-cap': [],
  'diagnose iscsi: iscsi-record-defaults': [],
  'diagnose iscsi: iscsi-live-defaults': [],
  'restart iscsi: iscsi-defaults': [],
  'restart iscsi: defaults-by-target': [],
  'restart iscsi: defaults-on-scale': [],
  'restart iscsi: defaults-on-debian': [],
  'restart iscsi: iscsi-restart-stopped': [],
  'restart iscsi: iscsi-checked': [],
  'restart iscsi: iscsi-driver-logged-out': [],
  'diagnose slow nfs: slow-backup-floods': [],
  'diagnose slow nfs: slow-backup-floods-alone': [],
  'diagnose slow nfs: slow-job-floods': [],
  'diagnose slow nfs: slow-job-floods-on-debian': [],
  'diagnose slow nfs: slow-scrub-running': [],
  'diagnose slow nfs: slow-scrub-running-on-scale': [],
  'diagnose slow nfs: slow-workload-floods-on-scale': [],
  'diagnose zfs: zfs-scrub-paused': [],
  'diagnose zfs: zfs-scrub-old': [],
  'diagnose zfs: zfs-scrub-never': [],
  'check exports: export-missing': ['immich'],
  'check exports: export-missing-on-debian': ['immich'],
  'check exports: volume-used-beside-an-export': ['im'],
  'remove export: export-unused': [],
  'remove export: export-unused-on-scale': [],
  'remove export: export-unused-on-debian': [],
  'remove export: export-unused-prefix': [],
  'remove export: export-unused-prefix-on-debian': [],
  'remove export: export-unused-own-share': [],
  'remove export: export-unused-own-file': [],
  'remove export: export-unused-not-loaded': [],
  'tune nfs mounts: new-options': [],
  'tune nfs mounts: volume-without-a-pod': [],
  'tune nfs mounts: hard-mount': [],
  'tune nfs mounts: hard-mount-shared': [],
  'tune nfs mounts: hard-mount-stateful': [],
  'tune nfs mounts: hard-mount-database': [],
  'snapshot: written-since': [],
  'snapshot: written-since-on-scale': [],
  'snapshot: directory-named-as-a-dataset': [],
  'snapshot: service-in-two-pools': [],
  'snapshot: service-with-a-dataset-of-its-own': [],
  'snapshot: debian-with-zfs': [],
  'snapshot: files-lost': [],
  'silence: alerts-fire': [],
  'silence: one-of-two': [],
  'silence: several-names': [],
  'silence: two-silences': [],
  'silence: one-is-silenced': [],
  'silence: alerts-silenced-shortly': [],
  'move dataset: dataset-to-move': [],
  'move dataset: to-move-on-scale': [],
  'move dataset: to-move-on-debian': [],
  'move dataset: move-two-users': [],
  'move dataset: move-stopped': [],
  'move dataset: move-mounted-restarted': [],
  'clone: files-lost': [],
  'clone: of-a-pool': [],
  'clone: on-scale': [],
  'migrate pvc: migrate-offered': [],
  'migrate pvc: by-claim-alone': [],
  'migrate pvc: migrate-from-iscsi': [],
  'migrate pvc: migrate-stopped': [],
  'migrate pvc: migrate-copy-failed': [],
  'migrate pvc: migrate-made-anew': [],
  'migrate pvc: migrate-copied': [],
  'migrate pvc: migrate-half-switched': [],
  'restore pvc: restore-snapshot': [],
  'restore pvc: restore-by-whole-name': [],
  'restore pvc: restore-files-of-week': [],
  'restore pvc: restore-snapshot-of-encrypted': [],
  'restore pvc: restore-of-a-stateful-set': [],
  'restore pvc: restore-pool-nearly-full': [],
  'restore pvc: restore-stopped': [],
  'restore pvc: restore-files-stopped': [],
  'restore pvc: restore-put-aside': [],
  'restore pvc: restore-copied': [],
  'restore pvc: restore-expired': [],
  'restore pvc: restore-files-put-aside': [],
  'restore pvc: restore-filled': [],
  'restore pvc: restore-filled-aside': [],
  'restore pvc: restore-placed': [],
  'restore mysql: chosen': [],
  'restore mysql: older-anyway': [],
  'restore mysql: mysql-restore-named': [],
  'restore mysql: mysql-restore-loaded': [],
  'restore mysql: mysql-restore-stopped': [],
  'restore mysql: mysql-restore-swapped': [],
  'restore postgres: postgres-restore-offered': [],
  'restore postgres: postgres-restore-half-made': [],
  'restore postgres: postgres-restore-dropped': [],
  'restore postgres: postgres-restore-older-anyway': [],
  'restore postgres: postgres-restore-beside': [],
  'restore postgres: postgres-restore-beside-stopped': [],
  'restore postgres: postgres-restore-swapped': [],
  'restore sqlite: sqlite-restore-damaged': [],
  'restore sqlite: sqlite-restore-stopped': [],
  'restore sqlite: sqlite-restore-failed': [],
  'restore sqlite: sqlite-restore-placed': [],
  'restore sqlite: sqlite-restore-undone': [],
  'restore sqlite: sqlite-restore-damaged-again': [],
  'restore sqlite: sqlite-whole-anyway': [],
  'restore sqlite: sqlite-indexes-anyway': [],
  'restore sqlite: sqlite-search-index-anyway': [],
  'restore sqlite: sqlite-empty-anyway': [],
  'restore sqlite: sqlite-gone-anyway': [],
  'restore sqlite: sqlite-no-table-anyway': [],
  'restore sqlite: sqlite-unmounted-anyway': [],
  'restore sqlite: sqlite-reindex': [],
  'restore sqlite: sqlite-reindex-on-nfs': [],
  'restore sqlite: sqlite-reindex-stopped': [],
  'restore sqlite: sqlite-reindex-placed': [],
};

/** What an undo leaves on purpose: the copy of a moved dataset may alone hold what was written since. */
const leftBy = (title: string) => (title.startsWith('move dataset: ') ? 'ssd/immich-encoded-video' : undefined);

const repaired = isFull ? planning : sampled(covering, 8);
const unrepaired = sampled(idle, 6);

describe.each(repaired)('$title', ({ title, runbook, each, planned }) => {
  it('is repaired by exactly the approved lines, is well, plans nothing when asked again, and is undone by another run', async () => {
    await using workshop = await openWorkshop(runbook, each);
    const { world } = workshop;
    const before = stateOf(world, leftBy(title));
    const run = await workshop.repair();
    const repaired = stateOf(world);
    const executed = [...world.executed];
    const sent = stepsSent(run);
    expect(run.status).toBe('finished');
    expect(new Set(statuses(run).map(([status]) => status))).toEqual(new Set(['done']));
    expect(executed).toEqual(shownLines(sent));
    // Recorded plans have no run after which their work and what they make is named, and nobody who asked.
    const id = run.id.toLowerCase();
    const firstPlan = changeLines(stepsOf(run.rounds[0]!.plan)).map((line) =>
      line.replaceAll(`${id}-1-`, '').replaceAll(`'--author=operator (storagebot-${id}-1)'`, '--author=storagebot'),
    );
    expect(firstPlan).toEqual(planned ?? firstPlan);
    expect(verdictAtEnd(run), JSON.stringify(run.rounds.at(-1)?.diagnosis.findings)).toBe('well');

    const again = await workshop.repair();
    expect(again.rounds.map(({ plan }) => stepsOf(plan))).toEqual([[]]);
    expect(verdictAtEnd(again)).toBe('well');
    expect(world.executed).toEqual(executed);
    expect(stateOf(world)).toEqual(repaired);

    scaleDown(world, REVERSIBLE[title] ?? []);
    const undone = await workshop.undo(run);
    expect(undone.status).toBe('finished');
    expect(statuses(undone).filter(([status]) => status !== 'done')).toEqual([]);
    expect(statuses(undone).length > 0).toBe(title in REVERSIBLE);
    expect(stateOf(world, leftBy(title))).toEqual(title in REVERSIBLE ? before : repaired);
  });
});

describe.each(unrepaired)('$title', ({ runbook, each }) => {
  it('plans nothing, and nothing runs', async () => {
    await using workshop = await openWorkshop(runbook, each);
    const run = await workshop.repair();
    expect(run.status).toBe('finished');
    expect(run.rounds.map(({ plan }) => stepsOf(plan))).toEqual([[]]);
    expect(workshop.world.executed).toEqual([]);
  });
});

describe('a machine that ignores its reset', () => {
  it('is not given back: its step failed, and the node stays cordoned for a person', async () => {
    const each: Case = { scenario: 'reset-ignored', words: ['immich'], verdict: 'ill', findings: [], changes: [] };
    await using workshop = await openWorkshop(diagnoseNfs, each);
    const run = await workshop.repair();
    expect(run.status).toBe('finished');
    expect(statuses(run).slice(-2)).toEqual([
      ['failed', 'pve$ qm reset 202'],
      ['waiting', expect.stringContaining('"unschedulable":false')],
    ]);
    expect(workshop.world.executed).toEqual(shownLines(stepsSent(run)));
    expect(workshop.world.executed.at(-1)).toBe('pve$ qm reset 202');
    expect(workshop.world.executed.filter((line) => line.includes('qm reset'))).toHaveLength(1);
    expect(verdictAtEnd(run)).not.toBe('well');
    expect(stateOf(workshop.world)).toMatchObject({ cordoned: ['k8s-node2'] });
  });
});

leftOut(
  'the other repairs',
  `${repaired.length} of ${planning.length} were made and taken back; of ${idle.length} cases without a plan ${unrepaired.length} were looked at`,
);
