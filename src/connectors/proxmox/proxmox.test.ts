import { describe, expect, test } from 'vitest';
import { storages } from '../../commands/proxmox-storage.ts';
import { vmTasks } from '../../commands/proxmox-tasks.ts';
import { vmConfig, vmCurrent, vmRates } from '../../commands/proxmox-vm.ts';
import { proxmox } from '../../core/command.ts';
import { readerOver } from '../../core/reading.ts';
import { connect, connector, lab, machine, readStatus, reset203, stop203, unlink, world } from './fixtures/connected.ts';

const API = { node: 'pve' };
const reading = () =>
  readerOver((command) => {
    if (command.via !== 'proxmox') throw new Error('not a call of Proxmox');
    return connector.read(command);
  });

describe('answers', () => {
  test('are understood by the parsers of the bot', async () => {
    const read = reading();
    const config = await read(vmConfig(API, 203));
    expect(config).toMatchObject({ known: true, value: { name: 'k8s-node3', bootSlots: ['scsi0'], scsihw: 'virtio-scsi-pci' } });
    expect(await read(vmCurrent(API, 203))).toMatchObject({ known: true, value: { status: 'running', qmpStatus: 'running' } });
    expect(await read(vmRates(API, 203))).toMatchObject({ known: true, value: { length: 61 } });
    expect(await read(vmTasks(API, 203))).toMatchObject({ known: true });
    const known = await read(storages());
    expect(known).toMatchObject({ known: true, value: [{ id: 'local-lvm', vgName: 'pve', thinPool: 'data' }, {}, {}] });
  });

  test('of a change that is a task come when it has ended, with its log', async () => {
    const outcome = await connector.change(stop203);
    const [task] = world.hypervisor.tasks;
    expect(outcome).toEqual({ exitCode: 0, stdout: `${JSON.stringify(task?.upid)}\n`, stderr: 'TASK OK\n' });
    expect(task).toMatchObject({ type: 'qmstop', user: 'storagebot@pve!change' });
    expect(machine().status).toBe('stopped');
  });

  test('of a task that failed say how', async () => {
    machine().status = 'stopped';
    expect(await connector.change(reset203)).toMatchObject({
      exitCode: 1,
      stderr: 'TASK ERROR: VM 203 not running\nVM 203 not running\n',
    });
  });

  test('of what Proxmox cannot do end as pvesh does, with its words', async () => {
    const missing = proxmox({ method: 'GET', path: '/nodes/pve/qemu/206/config', parameters: { current: '1' } });
    const stderr = "Configuration file 'nodes/pve/qemu-server/206.conf' does not exist\n";
    expect(await connector.read(missing)).toEqual({ exitCode: 1, stdout: '', stderr });
    machine().lock = 'backup';
    expect(await connector.change(unlink('scsi1'))).toEqual({ exitCode: 1, stdout: '', stderr: 'VM is locked (backup)\n' });
  });

  test('of a wrong parameter name it', async () => {
    machine().runtime.monitorHangs = true;
    machine().config.set('scsi7', 'local-lvm:vm-9999-pvc-x');
    machine().runtime.drives.set('scsi7', { volume: 'vm-9999-pvc-x', vg: 'pve' });
    const stderr =
      "Parameter verification failed.\nscsi7: hotplug problem - VM 203 qmp command 'device_del' failed - got timeout\n";
    expect(await connector.change(unlink('scsi7'))).toEqual({ exitCode: 1, stdout: '', stderr });
  });

  test('of another content type are read all the same', async () => {
    lab.misbehave('odd-content-type');
    expect(await connector.read(readStatus)).toMatchObject({ exitCode: 0 });
    expect(await connector.change(unlink('scsi29'))).toEqual({ exitCode: 0, stdout: 'null\n', stderr: '' });
  });

  test('of reads share connections, and each change has its own', async () => {
    for (let count = 0; count < 10; count += 1) await connector.read(readStatus);
    const forReading = lab.protocols.length;
    expect(forReading).toBeLessThanOrEqual(2);
    for (let count = 0; count < 3; count += 1) await connector.change(unlink('scsi29'));
    expect(lab.protocols.length).toBe(forReading + 3);
  });
});

describe('rights', () => {
  test('the reading token changes nothing, and the changing one is not used to look', async () => {
    expect(await connector.read(stop203)).toMatchObject({
      failed: 'forbidden',
      says: expect.stringContaining('nothing was sent'),
    });
    expect(await connector.change(readStatus)).toMatchObject({ failed: 'forbidden' });
    expect(lab.requests).toEqual([]);
  });

  test.each([
    proxmox({ method: 'DELETE', path: '/nodes/pve/qemu/203' }),
    proxmox({ method: 'POST', path: '/nodes/pve/qemu/203/monitor', parameters: { command: 'quit' } }),
    proxmox({ method: 'PUT', path: '/nodes/pve/qemu/203/config', parameters: { args: '-S' } }),
    proxmox({ method: 'POST', path: '/nodes/pve/qemu/203/status/stop', parameters: { skiplock: '1' } }),
    proxmox({ method: 'PUT', path: '/nodes/pve/qemu/203/../9000/config', parameters: { delete: 'scsi0' } }),
  ])('a call that is none of the bot’s is not sent: $request.method $request.path', async (command) => {
    expect(await connector.change(command)).toMatchObject({
      failed: 'forbidden',
      says: expect.stringContaining('nothing was sent'),
    });
    expect(lab.requests).toEqual([]);
  });

  test('a right that is missing is named with the words of Proxmox', async () => {
    world.hypervisor.api.forbidden.add('VM.Config.Disk');
    expect(await connector.change(unlink('scsi1'))).toEqual({
      failed: 'forbidden',
      says: 'Proxmox refuses this to storagebot@pve!change: Permission check failed (/vms/203, VM.Config.Disk).',
      toDo: expect.stringMatching(/a role with VM\.Config\.Disk on \/vms\/203: pveum acl modify .* Do not use root@pam/),
    });
  });

  test.each([
    ['of nobody', 'ffffffff-ffff-4fff-8fff-ffffffffffff', 'login-refused'],
    ['of no known form', 'canary of a password', 'not-configured'],
  ])('a token %s is told without repeating it', async (_what, secret, failed) => {
    const stranger = connect({ read: { tokenId: 'storagebot@pve!read', secret: async () => secret } });
    const outcome = await stranger.read(readStatus);
    expect(outcome).toMatchObject({ failed });
    expect(JSON.stringify(outcome)).not.toContain(secret);
  });

  test('a secret that cannot be read is told, and what went wrong with it is not repeated', async () => {
    const secret = () => Promise.reject(new Error('canary'));
    const outcome = await connect({ read: { tokenId: 'storagebot@pve!read', secret } }).read(readStatus);
    expect(outcome).toMatchObject({
      failed: 'not-configured',
      says: expect.stringContaining('storagebot@pve!read cannot be read'),
    });
    expect(JSON.stringify(outcome)).not.toContain('canary');
  });

  test('a server that repeats our token in its words is not quoted', async () => {
    lab.misbehave('echo-token');
    const outcome = await connector.read(readStatus);
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('[secret]') });
  });
});
