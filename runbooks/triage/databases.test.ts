import { describe, expect, it } from 'vitest';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import { labSite, newWorld } from '../../test/lab/site/index.ts';
import { runbooks } from '../index.ts';
import { databaseRunOf, sqliteServiceOf } from './databases.ts';

const site = labSite(newWorld());

function pod(namespace: string, name: string): Pod {
  const about = { uid: 'u-1', labels: {}, owner: undefined, node: undefined, phase: 'Pending', ready: false };
  const kubelet = { terminatingAt: undefined, gracePeriodS: 30, startedAt: undefined, waits: [], ip: undefined };
  return { namespace, name, ...about, ...kubelet, containers: new Map(), spec: { volumes: [], containers: [] } };
}

describe('a pod that waits without a word', () => {
  it.each([
    ['dbaas', 'pg-cluster-1', 'diagnose postgres'],
    ['dbaas', 'mysql-cluster-0', 'diagnose mysql'],
    ['redis', 'redis-node-1', 'diagnose redis'],
    ['vaultwarden', 'vaultwarden-dbnx9wkfkp-5nw8h', 'diagnose sqlite vaultwarden'],
    ['dbaas', 'postgresql-backup-29588160-x2x7l', 'diagnose backups'],
    ['vaultwarden', 'vaultwarden-backup-29588160-x2x7l', 'diagnose backups'],
  ])('of %s/%s is sent to %s, which the bot has', (namespace, name, next) => {
    expect(databaseRunOf(site, pod(namespace, name))).toBe(next);
    expect(runbooks.some(({ words }) => next.startsWith(words.join(' ')))).toBe(true);
  });

  it.each([
    ['immich', 'immich-server-5b7d9c-x2x7l'],
    ['immich', 'pg-cluster-1'],
    ['dbaas', 'pgadmin-6c5f9d7b48-x2x7l'],
  ])('of %s/%s is sent to none of them', (namespace, name) => {
    expect(databaseRunOf(site, pod(namespace, name))).toBeUndefined();
  });

  it('is told by its workload: the namespace alone is not enough', () => {
    expect(sqliteServiceOf(site, pod('vaultwarden', 'other-1'))).toBeUndefined();
  });
});
