import { expect, test } from 'vitest';
import { ownerOfProcess, parseCgroup, parseListeners } from './port-holders.ts';

const HEADER = 'State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess';

test('each program of each port is a listener; a port of the kernel has none', () => {
  const rows = [
    HEADER,
    'LISTEN 0      4096       127.0.0.1:29653      0.0.0.0:*    users:(("livenessprobe",pid=1816,fd=8))',
    'LISTEN 0      4096   127.0.0.53%lo:53         0.0.0.0:*    users:(("systemd-resolve",pid=611,fd=15))',
    'LISTEN 0      511             [::]:80            [::]:*    users:(("nginx",pid=20,fd=6),("nginx",pid=21,fd=6))',
    'LISTEN 0      4096               *:10250            *:*    users:(("kubelet",pid=1033,fd=12))',
    'LISTEN 0      64           0.0.0.0:2049       0.0.0.0:*',
  ];
  expect(parseListeners(`${rows.join('\n')}\n`)).toEqual([
    { port: 29653, pid: 1816, program: 'livenessprobe' },
    { port: 53, pid: 611, program: 'systemd-resolve' },
    { port: 80, pid: 20, program: 'nginx' },
    { port: 80, pid: 21, program: 'nginx' },
    { port: 10250, pid: 1033, program: 'kubelet' },
  ]);
});

test.each([
  ['nothing at all', '', 'no table of ports'],
  ['no header', 'LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))', 'no table of ports'],
  ['another state', `${HEADER}\nESTAB 0 0 10.0.0.1:22 10.0.0.2:5000`, 'not a port'],
  ['programs in another form', `${HEADER}\nLISTEN 0 128 0.0.0.0:22 0.0.0.0:* sshd`, 'not the programs of a port'],
])('a table with %s is not understood', (_what, text, why) => {
  expect(() => parseListeners(text)).toThrow(why);
});

const UID = '5314f4f9-4042-4eb4-a62b-4403bcd7d84c';

test.each([
  [
    'systemd, version 2',
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice/cri-containerd-0a1b.scope`,
  ],
  ['systemd, guaranteed', `0::/kubepods.slice/kubepods-pod${UID.replaceAll('-', '_')}.slice/cri-containerd-0a1b.scope`],
  ['cgroupfs, version 1', `12:pids:/kubepods/besteffort/pod${UID}/0a1b\n1:name=systemd:/kubepods/besteffort/pod${UID}/0a1b`],
  [
    'below containerd',
    `0::/system.slice/containerd.service/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice:cri-containerd:0a1b`,
  ],
])('the uid of a pod is read from its control group: %s', (_how, text) => {
  expect(parseCgroup(`${text}\n`)).toEqual({ of: 'pod', podUid: UID });
});

test('a static pod, whose uid the API does not know, and a service of the host are not taken for forgotten pods', () => {
  const hash =
    '0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod9c1f0a6d2b3e4f5a6b7c8d9e0f1a2b3c.slice/cri-containerd-1.scope\n';
  expect(parseCgroup(hash)).toEqual({ of: 'host' });
  expect(parseCgroup('0::/system.slice/ssh.service\n')).toEqual({ of: 'host' });
});

test('an empty control group is not understood, and a process that has ended belongs to nobody', () => {
  expect(() => parseCgroup('')).toThrow('no control groups');
  const { parse } = ownerOfProcess({ name: 'k8s-node2', sudo: true }, 1816);
  expect(parse({ exitCode: 1, stdout: '', stderr: 'cat: /proc/1816/cgroup: No such file or directory\n' })).toEqual({
    of: 'nobody',
  });
  expect(() => parse({ exitCode: 1, stdout: '', stderr: 'cat: /proc/1816/cgroup: Permission denied\n' })).toThrow(
    'Permission denied',
  );
});
