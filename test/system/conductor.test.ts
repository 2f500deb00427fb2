import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { alert, ended, openStage, type Stage } from '../../src/alerts/fixtures/stage.ts';
import { readerOver } from '../../src/core/reading.ts';
import { temporaryDirectory } from '../../src/engine/fixtures/harness.ts';
import { createWorld } from '../../src/engine/fixtures/switches.ts';
import { type FoundationsIndex, readFoundations } from '../../src/topology/foundations.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labSite, labTargets, worldOf } from '../lab/site/index.ts';

const GATHER_MS = 30_000;
const SETTLE_MS = 120_000;

let directory: ReturnType<typeof temporaryDirectory>;
let stage: Stage;
let index: FoundationsIndex;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await stage.stop();
  directory.remove();
});

/** The bot with all its runbooks, over a site to which this happens. */
async function open(scenario: string): Promise<void> {
  const world = worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001 });
  const [targets, site] = [labTargets(world), labSite(world)];
  index = await readFoundations(readerOver(targets.read), site);
  stage = await openStage({
    directory: directory.path,
    world: createWorld({}),
    engine: { targets },
    runbooks,
    site,
    index: () => index,
  });
}

/** Pods that stand on the NAS, as alerts name them. */
function podsOnNas(): readonly { readonly namespace: string; readonly pod: string }[] {
  return Object.entries(index.pods)
    .filter(([, on]) => on.some(({ kind }) => kind === 'nas'))
    .map(([key]) => ({ namespace: key.split('/')[0] ?? '', pod: key.split('/')[1] ?? '' }));
}

describe('an NFS server that stopped', () => {
  beforeEach(() => open('nfsd-stopped'));

  it('is one incident of all that stands on it, diagnosed once, with the NAS as its proved cause, and ends with its alerts', async () => {
    const alerts = [
      ...podsOnNas().map((labels) => alert('PodNotReady', labels)),
      ...podsOnNas()
        .slice(0, 2)
        .map((labels) => alert('PodCrashLooping', labels)),
      alert('NFSServerUnresponsive'),
    ];
    expect(alerts.length).toBeGreaterThan(5);
    for (const one of alerts) stage.tell(one);
    await stage.pass(GATHER_MS);
    await stage.pass();
    const [incident, ...more] = stage.store.openIncidents();
    expect(more).toEqual([]);
    expect(incident?.members).toHaveLength(alerts.length);
    expect(incident?.cause).toMatchObject({ kind: 'nas', name: 'truenas', because: 'proved' });
    expect(incident?.runs).toHaveLength(1);
    const diagnosis = await stage.engine.view(incident?.runs[0] ?? '');
    expect(diagnosis?.runbook.words).toEqual(['diagnose', 'nfs']);
    stage.tell(alert('PodNotReady', { namespace: podsOnNas()[0]?.namespace ?? '', pod: 'another-one' }, 2_000));
    await stage.pass();
    for (const one of [
      ...alerts,
      alert('PodNotReady', { namespace: podsOnNas()[0]?.namespace ?? '', pod: 'another-one' }, 2_000),
    ])
      stage.tell(ended(one));
    await stage.pass();
    await stage.pass(SETTLE_MS);
    const all = [...stage.store.openIncidents(), ...stage.store.incidentsClosedSince(0)];
    expect(all).toMatchObject([{ id: incident?.id, closed: { because: 'all-ended' }, members: { length: alerts.length + 1 } }]);
  });
});

describe('two unrelated faults at once', () => {
  beforeEach(() => open('nfsd-stopped'));

  it('are two incidents, each with a diagnosis of its own', async () => {
    for (const labels of podsOnNas()) stage.tell(alert('PodNotReady', labels));
    stage.tell(alert('PostgreSQLBackupStale', { namespace: 'dbaas', cronjob: 'postgresql-backup' }));
    await stage.pass(GATHER_MS);
    await stage.pass();
    const incidents = stage.store.openIncidents();
    expect(incidents).toHaveLength(2);
    const looked = await Promise.all(incidents.map(({ runs }) => stage.engine.view(runs[0] ?? '')));
    expect(new Set(looked.map((view) => view?.runbook.id))).toEqual(new Set(['diagnose-backups', 'diagnose-nfs']));
  });
});
