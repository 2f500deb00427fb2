import { describe, expect, test } from 'vitest';
import { isFailure } from '../../../src/core/output.ts';
import { scenarioNamed } from '../scenarios/index.ts';
import { volumeNamed } from './block.ts';
import { labTargets, worldOf } from './index.ts';
import { logicalName } from './populate-block.ts';

describe('qm', () => {
  const run = async (...argv: [string, ...string[]]) => {
    const world = worldOf({ scenario: scenarioNamed('all-well'), hangScale: 0.000_1 });
    const said = await labTargets(world).change({ via: 'ssh', host: 'pve', argv, timeoutMs: 10_000 });
    if (isFailure(said)) throw new Error(said.says);
    return { world, said };
  };

  test('takes a disk out of the configuration and of the running machine, and keeps the volume', async () => {
    const { world, said } = await run('qm', 'set', '204', '--delete', 'scsi2');
    expect(said).toEqual({ exitCode: 0, stdout: 'update VM 204: -delete scsi2\n', stderr: '' });
    const vm = world.hypervisor.vms.get(204);
    expect([vm?.config.has('scsi2'), vm?.runtime.drives.has('scsi2')]).toEqual([false, false]);
    const disk = logicalName({ namespace: 'plotting-book', claim: 'plotting-book-data-proxmox' });
    expect(volumeNamed(world.hypervisor, disk)).toMatchObject({ active: false });
  });

  test("keeps a disk of the machine's own as unused", async () => {
    const { world } = await run('qm', 'set', '9000', '--delete', 'scsi7');
    const config = world.hypervisor.vms.get(9000)?.config;
    expect([config?.get('scsi7'), config?.get('unused0')]).toEqual([undefined, 'local-lvm:vm-9000-disk-7']);
  });

  test('says when there was nothing to take out', async () => {
    const { said } = await run('qm', 'set', '204', '--delete', 'scsi29');
    expect(said).toMatchObject({ exitCode: 0, stderr: "cannot delete 'scsi29' - not set in current configuration!\n" });
  });

  test('tells what QEMU says of itself', async () => {
    const { said } = await run('qm', 'status', '204', '--verbose');
    expect(said.stdout).toBe('name: k8s-node4\nqmpstatus: running\nstatus: running\nvmid: 204\n');
  });

  test('refuses a machine that is not there', async () => {
    const { said } = await run('qm', 'config', '206');
    expect(said).toMatchObject({ exitCode: 2, stderr: "Configuration file 'nodes/pve/qemu-server/206.conf' does not exist\n" });
  });
});
