import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isSome, notSeen, ok } from '../../src/core/finding.ts';
import { uses } from '../../src/core/hold.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { startDependants, stopDependants } from '../../src/repairs/dependants.ts';
import type { Dependants } from '../../src/topology/dependants.ts';
import { findDependants } from '../../src/topology/dependants.ts';
import { at } from '../lab/kubernetes/store.ts';
import type { World } from '../lab/site/index.ts';
import { kind } from '../lab/site/volumes.ts';
import { openWorkshop, statuses, verdictAtEnd } from './repair.ts';

const STOPPED_FOR = 'database dbaas/pg-cluster/app';
const HOLD = uses('database', 'dbaas/pg-cluster/app');

/** Stops or starts whoever depends on a database, and does nothing else. */
const quiesce = defineRunbook<z.ZodEnum<{ stop: 'stop'; start: 'start' }>, Facts, 'to-do'>({
  id: 'quiesce',
  words: ['quiesce'],
  usage: 'stop|start',
  title: 'Stop or start dependants',
  codes: { 'to-do': 'Somebody is to be stopped or started.' },
  changes: true,
  params: z.enum(['stop', 'start']),
  fromWords: ([word]) => word,
  async gather(asked, read) {
    const serves = { namespace: 'dbaas', names: ['postgresql.dbaas:5432'] };
    const configured = ['nextcloud/nextcloud', 'vaultwarden/vaultwarden', 'vaultwarden/vaultwarden-backup'];
    const wanted = asked === 'stop' ? { serves, configured } : { serves, configured: [] };
    return { asked, dependants: await findDependants(read, { ...wanted, clientAddresses: [], stoppedFor: STOPPED_FOR }) };
  },
  diagnose(facts) {
    const { seen } = facts.dependants;
    const known = seen.filter((each) => each.known);
    if (!isSome(known) || known.length < seen.length) return { evidence: notSeen('The dependants', seen), findings: [] };
    if (toDo(facts).length === 0) return { evidence: [ok('all is as asked', ...known)], findings: [] };
    const finding = { code: 'to-do', subject: 'app', says: 'not as asked', remedy: 'do it', seen: known } as const;
    return { evidence: [], findings: [finding] };
  },
  plan({ findings: [because] }, facts) {
    if (because === undefined) return stop('Nothing to do.');
    const parts = { users: toDo(facts), because, before: [], holds: [HOLD], stoppedFor: STOPPED_FOR };
    const all =
      facts.asked === 'stop' ? stopDependants({ ...parts, until: 'it is over', undoBefore: [] }) : startDependants(parts);
    return isSome(all) ? steps(...all) : stop('Nothing to do.');
  },
});

interface Facts {
  readonly asked: 'stop' | 'start';
  readonly dependants: Dependants;
}

function toDo({ asked, dependants: { users } }: Facts) {
  return users.filter(({ runs, foundBy }) => (asked === 'stop' ? runs > 0 : foundBy.some(({ by }) => by === 'note')));
}

function specsOf({ store }: World): readonly unknown[] {
  const deployments = ['nextcloud', 'vaultwarden'].map((name) => ({
    resource: kind('apps/v1', 'deployments'),
    namespace: name,
    name,
  }));
  const cronJob = { resource: kind('batch/v1', 'cronjobs'), namespace: 'vaultwarden', name: 'vaultwarden-backup' };
  return [...deployments, cronJob].map((name) => {
    const { metadata, spec } = store.get(name);
    return [name.name, at(spec, 'replicas') ?? at(spec, 'suspend') ?? false, metadata.annotations ?? {}];
  });
}

const asked = (word: 'stop' | 'start') =>
  ({ scenario: 'all-well', words: [word], verdict: 'ill', findings: [], changes: [] }) as const;

describe('who depends on a database', () => {
  it('is stopped, found again by what was noted at each alone, and runs as often as before', async () => {
    await using workshop = await openWorkshop(quiesce, asked('stop'));
    const { world } = workshop;
    const before = specsOf(world);
    const run = await workshop.repair();
    expect(statuses(run).map(([status]) => status)).toEqual(['done', 'done', 'done']);
    expect(verdictAtEnd(run)).toBe('well');
    expect(specsOf(world)).toEqual([
      ['nextcloud', 0, { 'storagebot/ran-before': '1', 'storagebot/stopped-for': STOPPED_FOR }],
      ['vaultwarden', 0, { 'storagebot/ran-before': '1', 'storagebot/stopped-for': STOPPED_FOR }],
      ['vaultwarden-backup', true, { 'storagebot/ran-before': '1', 'storagebot/stopped-for': STOPPED_FOR }],
    ]);
    expect(
      world.cluster.pods().filter(({ metadata }) => ['nextcloud', 'vaultwarden'].includes(metadata.namespace ?? '')),
    ).toEqual([]);
    const started = await workshop.repair(['start']);
    expect(statuses(started).map(([status]) => status)).toEqual(['done', 'done', 'done']);
    expect(specsOf(world)).toEqual(before);
    expect(verdictAtEnd(started)).toBe('well');
  });

  it('runs as before again when the stop is taken back', async () => {
    await using workshop = await openWorkshop(quiesce, asked('stop'));
    const before = specsOf(workshop.world);
    const undone = await workshop.undo(await workshop.repair());
    expect(statuses(undone).map(([status]) => status)).toEqual(['done', 'done', 'done']);
    expect(specsOf(workshop.world)).toEqual(before);
  });
});
