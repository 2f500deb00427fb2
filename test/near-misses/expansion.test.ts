import { describe, expect, test } from 'vitest';
import expandPvc from '../../runbooks/expand-pvc/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { NOVEL } from '../lab/scenarios/capacity-changes.ts';
import { labSite, type World } from '../lab/site/index.ts';
import { logicalName } from '../lab/site/populate-block.ts';
import { kind } from '../lab/site/volumes.ts';
import { answersOf, changed, NOVEL_ID } from './capacity-world.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const GIB = 2 ** 30;
const SIZE = { 'f:spec': { 'f:resources': { 'f:requests': { 'f:storage': {} } } } };

describe('an expansion', () => {
  const expand = (world: World, size = '2Gi', id = NOVEL_ID) => lookAt(world, { runbook: expandPvc, words: [id, size] });
  const CLAIMS = kind('v1', 'persistentvolumeclaims');
  const manage = (manager: string) =>
    changed(({ store }) => {
      const name = { resource: CLAIMS, namespace: NOVEL.namespace, name: NOVEL.claim };
      store.patch(name, { metadata: { managedFields: [{ manager, operation: 'Update' }] } });
    });

  test.each(['Terraform', 'terraform-provider-kubernetes_v2.38.0_x5', 'HashiCorp'])(
    'of what %s manages is refused',
    async (manager) => {
      expect(codesOf(await expand(manage(manager)))).toEqual([`owned-by-terraform ${NOVEL_ID}`]);
    },
  );

  test.each(['kubectl-client-side-apply', 'kube-controller-manager', 'before-first-apply'])(
    'of what %s manages is not',
    async (manager) => {
      expect(codesOf(await expand(manage(manager)))).toEqual([`not-expanded ${NOVEL_ID}`]);
    },
  );

  test('by a mebibyte is one, and by nothing is none', async () => {
    expect(codesOf(await expand(worldIn(), '1025Mi'))).toEqual([`not-expanded ${NOVEL_ID}`]);
    expect(codesOf(await expand(worldIn(), '1024Mi'))).toEqual([]);
  });

  test('of a claim that is named like those of a set, and has no number, is not refused', async () => {
    const world = changed(({ store }) => {
      const spec = {
        selector: {},
        template: { spec: { containers: [] } },
        volumeClaimTemplates: [{ metadata: { name: 'novelapp' } }],
      };
      store.create({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'data', namespace: 'novelapp' }, spec });
    });
    expect(codesOf(await expand(world))).toEqual([`not-expanded ${NOVEL_ID}`]);
  });

  test.each([
    ['argocd', { annotations: { 'argocd.argoproj.io/tracking-id': 'apps:/PersistentVolumeClaim:novelapp/data' } }],
    ['flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }],
    ['an operator that names itself', { labels: { 'app.kubernetes.io/managed-by': 'mysql-operator' } }],
    ['a program that set its size', { managedFields: [{ manager: 'manager', operation: 'Update', fieldsV1: SIZE }] }],
  ])('of what belongs to %s is refused', async (_whom, metadata) => {
    const world = changed(({ store }) =>
      store.patch({ resource: CLAIMS, namespace: NOVEL.namespace, name: NOVEL.claim }, { metadata }),
    );
    expect(codesOf(await expand(world))).toEqual([`owned-by-operator ${NOVEL_ID}`]);
  });

  test('of what a program has only annotated is not refused', async () => {
    const fieldsV1 = { 'f:metadata': { 'f:annotations': {} } };
    const world = changed(({ store }) => {
      const managedFields = [{ manager: 'velero-server', operation: 'Update', fieldsV1 }];
      store.patch({ resource: CLAIMS, namespace: NOVEL.namespace, name: NOVEL.claim }, { metadata: { managedFields } });
    });
    expect(codesOf(await expand(world))).toEqual([`not-expanded ${NOVEL_ID}`]);
  });

  test('is not done any more when its pool has filled up since, or it got an owner', async () => {
    const world = changed(({ hypervisor }) => void Object.assign(hypervisor.thinPool, { dataPercent: 40, sizeBytes: 200 * GIB }));
    const [step] = stepsOf((await expand(world, '80Gi')).plan);
    expect(await answersOf(step, world)).toEqual(['yes', 'yes', 'yes']);
    Object.assign(world.hypervisor.thinPool, { dataPercent: 70 });
    expect(await answersOf(step, world)).toEqual(['yes', 'yes', 'no']);
    Object.assign(world.hypervisor.thinPool, { dataPercent: 40 });
    world.store.patch(
      { resource: CLAIMS, namespace: NOVEL.namespace, name: NOVEL.claim },
      { metadata: { managedFields: [{ manager: 'Terraform' }] } },
    );
    expect(await answersOf(step, world)).toEqual(['no', 'yes', 'yes']);
  });

  test('tells what all volumes of the pool are promised with it, and warns where that is more than the pool', async () => {
    const warned = async (world: World) => stepsOf((await expand(world, '80Gi')).plan)[0]?.warnings?.join(' ');
    const sized = (sizeBytes: number) => changed(({ hypervisor }) => void Object.assign(hypervisor.thinPool, { sizeBytes }));
    expect((await expand(worldIn())).diagnosis.findings[0]?.says).toMatch(/all volumes in pve\/data are promised \d+ % of it/);
    expect(await warned(worldIn())).not.toContain('promised');
    expect(await warned(sized(1_024 * GIB))).toMatch(/promised \d{3} % of pve\/data/);
  });

  test('counts what another claim asks for and does not have yet', async () => {
    const promised = async (world: World) =>
      Number(/promised (\d+) %/.exec((await expand(world)).diagnosis.findings[0]?.says ?? '')?.[1]);
    const before = await promised(worldIn());
    const world = changed((each) => {
      each.hypervisor.driverToken = 'invalid';
      const spec = { resources: { requests: { storage: '2Ti' } } };
      each.store.patch({ resource: CLAIMS, namespace: 'nextcloud', name: 'nextcloud-data-proxmox' }, { spec });
      each.time.advance(60_000);
    });
    expect(await promised(world)).toBeGreaterThan(before + 10);
  });

  test('of a disk on which a second volume of the cluster stands is refused', async () => {
    expect(codesOf(await expand(worldIn('volume-twice')))).toEqual([`volume-twice ${NOVEL_ID}`]);
    const near = worldIn('volume-twice');
    const csi = { volumeHandle: `pve/pve/local-lvm/${logicalName(NOVEL)}0` };
    near.store.patch({ resource: kind('v1', 'persistentvolumes'), name: 'by-hand' }, { spec: { csi } });
    expect(codesOf(await expand(near))).toEqual([`not-expanded ${NOVEL_ID}`]);
  });

  test('of a database whose disk is full says that its operator does not get that far', async () => {
    const world = worldIn('database-full');
    const [finding] = (await expand(world, '30Gi', 'dbaas/pg-cluster-1')).diagnosis.findings;
    expect(finding?.remedy).toContain('Not enough disk space');
    expect(finding?.doNot).toContain('pg_wal');
  });

  test('is not planned without a hypervisor to look at', async () => {
    const world = worldIn();
    const { hypervisor: _none, ...site } = labSite(world);
    const found = await lookAt(world, { runbook: expandPvc, words: [NOVEL_ID, '2Gi'], site });
    expect([codesOf(found), changesOf(found)]).toEqual([[`driver-unknown ${NOVEL_ID}`], []]);
  });

  test.each([
    ['2GB', NOVEL_ID],
    ['', NOVEL_ID],
    ['2Gi', 'novelapp-data-proxmox'],
    ['2Gi', 'a/b/c'],
  ])('to %j of %j makes no sense', async (size, id) => {
    await expect(expand(worldIn(), size, id)).rejects.toThrow(/is no (size|name)/);
  });
});
