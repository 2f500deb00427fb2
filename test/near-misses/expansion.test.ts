import { describe, expect, test } from 'vitest';
import expandPvc from '../../runbooks/expand-pvc/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { NOVEL } from '../lab/scenarios/capacity-changes.ts';
import { labSite, type World } from '../lab/site/index.ts';
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
