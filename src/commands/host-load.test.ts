import { expect, it } from 'vitest';
import { loadAverage, parseDiskLoad, virtualMachines, vmMinutes } from './host-load.ts';

const PVE = { name: 'pve', sudo: false };
const printed = (stdout: string) => ({ exitCode: 0, stdout, stderr: '' });

const NEW = `Linux 6.8.12-9-pve (pve) 	04/03/2026 	_x86_64_	(44 CPU)

Device            r/s     rkB/s   rrqm/s  %rrqm r_await rareq-sz     w/s     wkB/s   wrqm/s  %wrqm w_await wareq-sz     d/s     dkB/s   drqm/s  %drqm d_await dareq-sz     f/s f_await  aqu-sz  %util
sdc            212.00  21940.00     3.00   1.40   84.12   103.49  801.50  74610.00    22.00   2.67  118.40    93.09    0.00      0.00     0.00   0.00    0.00     0.00    2.00   41.00   99.20  98.40
`;
/** sysstat 11, which calls the queue avgqu-sz, in a place that writes commas. */
const OLD = `Linux 4.15.18-12-pve (pve) 	04/03/2026 	_x86_64_	(44 CPU)

Device:         rrqm/s   wrqm/s     r/s     w/s    rkB/s    wkB/s avgrq-sz avgqu-sz   await r_await w_await  svctm  %util
sdc               0,00     1,20   10,00   20,00   100,00   200,00    20,00     0,40    8,00    5,50    9,25   1,00  23,40
`;

it('a disk says how busy it is, how long requests wait and how many do, in the forms of old and new tools', () => {
  expect(parseDiskLoad(NEW, 'sdc')).toEqual({
    busyPercent: 98.4,
    readKBPerS: 21_940,
    writeKBPerS: 74_610,
    readWaitMs: 84.12,
    writeWaitMs: 118.4,
    queue: 99.2,
  });
  expect(parseDiskLoad(OLD, 'sdc')).toMatchObject({ busyPercent: 23.4, queue: 0.4, readWaitMs: 5.5, writeWaitMs: 9.25 });
});

it('a disk that is not in the table has no figures, rather than 0 %', () => {
  for (const text of ['', NEW.replaceAll('sdc', 'sdd'), NEW.replaceAll('%util', 'util'), NEW.replaceAll(/ +98\.40/g, '')])
    expect(() => parseDiskLoad(text, 'sdc')).toThrow(Error);
});

it('the load is the first of three averages', () => {
  expect(loadAverage(PVE).parse(printed('102.41 88.10 41.00 7/2114 399812\n'))).toBe(102.41);
  for (const text of ['', '102\n', 'x 1.00 1.00 1/1 1\n']) expect(() => loadAverage(PVE).parse(printed(text))).toThrow(Error);
});

it('machines come in the order of their numbers; a list without any is no answer', () => {
  const list = [
    { vmid: 9000, name: 'truenas', status: 'running', uptime: 50, cpus: 16 },
    { vmid: '105', name: 'pbs', status: 'stopped' },
  ];
  expect(virtualMachines(PVE).parse(printed(JSON.stringify(list)))).toEqual([
    { vmid: 105, name: 'pbs', status: 'stopped', uptime: 0 },
    { vmid: 9000, name: 'truenas', status: 'running', uptime: 50 },
  ]);
  for (const text of ['', '[]', '[{"vmid":1}]']) expect(() => virtualMachines(PVE).parse(printed(text))).toThrow(Error);
});

it('a minute without figures stays without; an hour without any is no answer', () => {
  const minutes = [{ time: 120 }, { time: 60, cpu: 0.1, diskread: 5.5, diskwrite: 0 }];
  expect(vmMinutes(PVE, 102).parse(printed(JSON.stringify(minutes)))).toEqual([
    { time: 60, readBytesPerS: 5.5, writeBytesPerS: 0 },
    { time: 120, readBytesPerS: undefined, writeBytesPerS: undefined },
  ]);
  for (const text of ['', '[]', '[{"time":60}]']) expect(() => vmMinutes(PVE, 102).parse(printed(text))).toThrow(Error);
});

it('the minutes of machines that were listed first come within the 15 s of a diagnosis', () => {
  expect(virtualMachines(PVE).command.timeoutMs + vmMinutes(PVE, 102).command.timeoutMs).toBeLessThan(15_000);
});
