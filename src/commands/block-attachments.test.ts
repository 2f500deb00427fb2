import { expect, it } from 'vitest';
import { volumeAttachments } from './block-attachments.ts';

const read = (items: unknown) => volumeAttachments().parse({ exitCode: 0, stdout: JSON.stringify({ items }), stderr: '' });

const attachment = {
  metadata: { name: 'csi-6a1f', uid: 'u-1', creationTimestamp: '2026-04-03T09:00:00Z' },
  spec: { attacher: 'csi.proxmox.sinextra.dev', nodeName: 'k8s-node3', source: { persistentVolumeName: 'pvc-1' } },
  status: { attached: true, attachmentMetadata: { DevicePath: '/dev/disk/by-id/wwn-0x5056432d49443032', lun: '2' } },
};
const about = {
  name: 'csi-6a1f',
  uid: 'u-1',
  attacher: 'csi.proxmox.sinextra.dev',
  node: 'k8s-node3',
  persistentVolume: 'pvc-1',
  createdAt: 1_775_206_800,
};

it('an attachment is read with the name of its slot', () => {
  expect(read([attachment])).toEqual([
    { ...about, attached: true, deleting: false, devicePath: '/dev/disk/by-id/wwn-0x5056432d49443032' },
  ]);
});

it('an attachment is read that nobody has made yet, that failed, or that is being taken back', () => {
  const { status: _status, ...fresh } = attachment;
  expect(read([fresh])).toEqual([{ ...about, attached: false, deleting: false }]);
  const failed = { attached: false, attachError: { message: 'rpc error: code = Internal desc = no free lun found', time: '' } };
  expect(read([{ ...attachment, status: failed }])).toMatchObject([
    { attached: false, attachError: expect.stringContaining('no free lun') },
  ]);
  const going = { ...attachment.metadata, deletionTimestamp: '2026-04-03T09:01:00Z' };
  const stuck = { attached: true, detachError: { message: 'timeout' } };
  expect(read([{ ...attachment, metadata: going, status: stuck }])).toMatchObject([
    { attached: true, deleting: true, detachError: 'timeout' },
  ]);
});

it('one that cannot be read makes the whole list unreadable', () => {
  expect(() => read([attachment, { metadata: {} }])).toThrow(Error);
  expect(() => read(undefined)).toThrow(Error);
});
