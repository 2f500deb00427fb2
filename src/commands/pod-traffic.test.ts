import { expect, it } from 'vitest';
import { parsePodTraffic } from './pod-traffic.ts';

const POD = '8b603f5d-ee7b-427b-a9ab-aca9f0884cf6';
const OTHER = '0b0b013a-f736-495a-a348-4d7c45dadac3';
const slice = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD.replaceAll('-', '_')}.slice`;

/** cgroup v2 with systemd, and v1 with cgroupfs and its many lines. */
const BELONG = [
  `/proc/812/cgroup:0::/${slice}/cri-containerd-5d1c.scope`,
  `/proc/900/cgroup:11:memory:/kubepods/besteffort/pod${OTHER}/2f3a`,
  `/proc/900/cgroup:4:cpu,cpuacct:/kubepods/besteffort/pod${OTHER}/2f3a`,
];

function io(pid: number, read: number, written: number): string[] {
  return [`/proc/${pid}/io:read_bytes: ${read}`, `/proc/${pid}/io:write_bytes: ${written}`];
}

function looks(first: readonly string[], second: readonly string[]): string {
  return `${['50.00 1.00', ...BELONG, ...first, '52.00 1.00', ...BELONG, ...second].join('\n')}\n`;
}

it('what the processes of each pod read and wrote in between, the busiest pod first; the rest of the node is left out', () => {
  const text = looks(
    [...io(1, 0, 0), ...io(812, 1024, 0), ...io(900, 0, 0)],
    [...io(1, 9e9, 9e9), ...io(812, 3072, 0), ...io(900, 0, 20_480)],
  );
  expect(parsePodTraffic(text)).toEqual([
    { podUid: OTHER, readKBPerS: 0, writeKBPerS: 10 },
    { podUid: POD, readKBPerS: 1, writeKBPerS: 0 },
  ]);
});

it('a process that began in between counts from nothing, one that ended counts no more', () => {
  const text = looks([...io(812, 4096, 0), ...io(1, 0, 0)], [...io(900, 2048, 0), ...io(1, 0, 0)]);
  expect(parsePodTraffic(text)).toEqual([
    { podUid: OTHER, readKBPerS: 1, writeKBPerS: 0 },
    { podUid: POD, readKBPerS: 0, writeKBPerS: 0 },
  ]);
});

it('static pods of a control plane have the hash of their file for a name', () => {
  const hash = '8d9d8f2e5b3c6a7f1e0d4c5b6a798081';
  const own = `/proc/77/cgroup:0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${hash}.slice/cri-containerd-1a.scope`;
  const seen = parsePodTraffic(looks([own, ...io(77, 0, 0)], [own, ...io(77, 0, 40_960)]));
  expect(seen[0]).toEqual({ podUid: hash, readKBPerS: 0, writeKBPerS: 20 });
});

it.each([
  ['nothing', ''],
  ['no process of a pod, as to somebody who is not root', '50.00 1.00\n52.00 1.00\n'],
  ['pods whose counters may not be read', `${['50.00 1.00', ...BELONG, '52.00 1.00', ...BELONG].join('\n')}\n`],
  ['a line of another form', looks(['/proc/1/io:rchar: 5'], io(812, 0, 0))],
])('an output that shows %s is no answer', (_, text) => {
  expect(() => parsePodTraffic(text)).toThrow(Error);
});
