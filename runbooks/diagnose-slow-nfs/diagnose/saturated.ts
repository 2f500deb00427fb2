import type { Job } from '../../../src/commands/cluster-jobs.ts';
import type { Pod } from '../../../src/commands/cluster-objects.ts';
import type { DiskLoad } from '../../../src/commands/host-load.ts';
import type { PodTraffic } from '../../../src/commands/pod-traffic.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { workloadOf } from '../../../src/repairs/holds.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { DROWNING_LOAD, FEW_THREADS, FLOOD_KB_PER_S } from '../facts.ts';
import { ownershipOf } from '../ownership.ts';
import { hotDataset } from './hot-dataset.ts';
import type { Saturation, Slow } from './parts.ts';
import { mb, ms, percent, problem, saysSlow } from './parts.ts';

/** Who keeps the disk busy: the one Job, workload, dataset or machine that most of it is of. */
export function saturated(facts: Facts, slow: Slow, disk: Known<DiskLoad>): readonly Finding<Code>[] {
  const flood = floodingPod(facts, disk.value);
  const job = flood && jobOf(facts, flood.pod);
  const about = {
    says: `${saysDisk(facts, disk.value)}, and ${saysSlow(slow)}`,
    proofs: [slow[0].seen, slow[1].seen, disk] as const,
  };
  if (flood !== undefined && job !== undefined) return [jobFloods(about, flood, job)];
  const drowning = serverDrowning(facts, disk);
  const cause = hotDataset(facts, about) ?? (flood && workloadFloods(about, flood)) ?? machineFloods(facts, about, disk.value);
  return [cause ?? unexplained(facts, about), ...drowning];
}

function saysDisk({ site }: Facts, { busyPercent, queue, readWaitMs, writeWaitMs, readKBPerS, writeKBPerS }: DiskLoad): string {
  const waits = `a read waits ${ms(readWaitMs)}, a write ${ms(writeWaitMs)}, ${Math.round(queue)} are queued`;
  const amount = `${mb(readKBPerS)} read, ${mb(writeKBPerS)} written`;
  return `${site.hypervisor?.dataDisk} of ${site.hypervisor?.host.name} is busy ${percent(busyPercent)} of the time (${amount}, ${waits})`;
}

interface Flood {
  readonly node: string;
  readonly pod: Pod;
  readonly kBPerS: number;
  readonly seen: readonly [Known<readonly PodTraffic[]>, Known<readonly Pod[]>];
}

/** Less than all, as what is written is written twice where a server must keep it at once; and what nobody saw is in the rest. */
const LEAST_SHARE_OF_DISK = 1 / 3;

function isMuchFor({ readKBPerS, writeKBPerS }: DiskLoad, kBPerS: number): boolean {
  return kBPerS >= FLOOD_KB_PER_S && kBPerS >= LEAST_SHARE_OF_DISK * (readKBPerS + writeKBPerS);
}

/** The pod that makes at least half of what all pods read and write, and too much for the disk. */
function floodingPod({ nodes, cluster: { pods } }: Facts, disk: DiskLoad): Flood | undefined {
  if (!pods.known) return undefined;
  const all = nodes.flatMap(({ name, traffic }) =>
    traffic.known
      ? traffic.value.map(({ podUid, ...rest }) => ({ name, podUid, kBPerS: rest.readKBPerS + rest.writeKBPerS, traffic }))
      : [],
  );
  const total = all.reduce((sum, { kBPerS }) => sum + kBPerS, 0);
  const [top] = all.toSorted((a, b) => b.kBPerS - a.kBPerS);
  const pod = pods.value.find(({ uid }) => uid === top?.podUid);
  if (top === undefined || pod === undefined || !isMuchFor(disk, top.kBPerS) || top.kBPerS < total / 2) return undefined;
  return { node: top.name, pod, kBPerS: top.kBPerS, seen: [top.traffic, pods] };
}

interface OwnJob {
  readonly job: Job;
  readonly seen: Known<readonly Job[]>;
  readonly remedy: string;
}

function jobOf(facts: Facts, { namespace, owner }: Pod): OwnJob | undefined {
  const { jobs } = facts;
  if (!jobs.known || owner?.kind !== 'Job') return undefined;
  const job = jobs.value.find((each) => each.namespace === namespace && each.name === owner.name);
  return job && { job, seen: jobs, remedy: remedyFor(facts, job) };
}

const SUSPEND =
  'Suspend the Job, and resume it at a quiet time or with less at once; a backup that is nearly done ends by itself.';

/** To suspend it is no advice where that would tear data, or where somebody else would start it again. */
function remedyFor({ schedules }: Facts, job: Job): string {
  if (!schedules.known) return 'See first who made the Job and what it changes: neither could be seen.';
  return ownershipOf(job, schedules.value).refusal ?? SUSPEND;
}

function jobFloods(
  { says, proofs }: Saturation,
  { node, pod, kBPerS, seen }: Flood,
  { job, seen: jobs, remedy }: OwnJob,
): Finding<Code> {
  return problem(
    {
      code: 'job-floods',
      subject: `${job.namespace}/${job.name}`,
      says: `Job ${job.namespace}/${job.name} reads and writes ${mb(kBPerS)} on ${node} (pod ${pod.name}); ${says}`,
      remedy,
      doNot: DO_NOT,
    },
    [...proofs, ...seen, jobs],
  );
}

const DO_NOT = 'Do not add threads to the NFS server, restart it, or move data now: all of that asks the same disk for more.';

function workloadFloods({ says, proofs }: Saturation, { node, pod, kBPerS, seen }: Flood): Finding<Code> {
  const workload = workloadOf(pod);
  return problem(
    {
      code: 'workload-floods',
      subject: workload,
      says: `${workload} reads and writes ${mb(kBPerS)} on ${node} (pod ${pod.name}); ${says}`,
      remedy: `Let ${workload} do less at once in its own settings (imports, scans, workers); it is no Job, which could be suspended.`,
      doNot: `${DO_NOT} Do not scale a database down for it.`,
    },
    [...proofs, ...seen],
  );
}

const LATEST_MINUTES = 3;

function machineFloods({ host, site }: Facts, { says, proofs }: Saturation, disk: DiskLoad): Finding<Code> | undefined {
  const loads = (host?.machines ?? []).flatMap(({ machine, minutes }) => {
    if (!minutes.known) return [];
    const last = minutes.value.filter(({ writeBytesPerS }) => writeBytesPerS !== undefined).slice(-LATEST_MINUTES);
    const sum = last.reduce((all, { readBytesPerS = 0, writeBytesPerS = 0 }) => all + readBytesPerS + writeBytesPerS, 0);
    return [{ machine, minutes, kBPerS: sum / 1024 / last.length }];
  });
  const [top] = loads.toSorted((a, b) => b.kBPerS - a.kBPerS);
  const total = loads.reduce((sum, { kBPerS }) => sum + kBPerS, 0);
  if (host === undefined || !host.list.known || top === undefined || top.machine.vmid === site.hypervisor?.nasVmid)
    return undefined;
  if (!isMuchFor(disk, top.kBPerS) || top.kBPerS < total / 2) return undefined;
  const { vmid, name } = top.machine;
  const what = `Virtual machine ${vmid} (${name}) reads and writes ${mb(top.kBPerS)} on disks of its own`;
  const remedy = `Find in ${name} what reads and writes so much, and let it do less.`;
  const about = { code: 'machine-floods', subject: `${vmid} ${name}`, says: `${what}; ${says}`, remedy, doNot: DO_NOT } as const;
  return problem(about, [...proofs, host.list, top.minutes]);
}

function unexplained({ site }: Facts, { says, proofs }: Saturation): Finding<Code> {
  const subject = `${site.hypervisor?.dataDisk} of ${site.hypervisor?.host.name}`;
  const remedy =
    'Find who reads and writes so much: the busiest nodes, pools and machines are above; "iotop -obn2" on the hypervisor.';
  return problem({ code: 'disk-saturated', subject, says, remedy, doNot: DO_NOT }, proofs);
}

/** Only where the hypervisor as a whole has no time left, and a Linux server can be told to ask for less. */
function serverDrowning({ nas: { flavour, processes, threads }, host, site }: Facts, disk: Known<DiskLoad>): Finding<Code>[] {
  if (flavour === undefined || flavour === 'core' || !processes?.known || !threads?.known || !host?.load.known) return [];
  const waiting = processes.value.filter(({ state, program }) => state === 'D' && /^nfsd\b/.test(program)).length;
  if (waiting <= FEW_THREADS || host.load.value < DROWNING_LOAD || threads.value <= FEW_THREADS) return [];
  const figures = `${waiting} of ${threads.value} threads of the NFS server wait for a disk that is busy ${percent(disk.value.busyPercent)} of the time`;
  return [
    problem(
      {
        code: 'server-drowning',
        subject: site.nas.host.name,
        says: `${figures}; the load of ${site.hypervisor?.host.name} is ${host.load.value.toFixed(0)}`,
        remedy: `As an emergency brake let the server work with ${FEW_THREADS} threads, so that etcd and the machines get the disk; then find who floods it.`,
        doNot: 'Do not add threads and do not restart the server: raising 16 to 64 on 2026-04-22 did not help.',
      },
      [processes, threads, host.load, disk],
    ),
  ];
}
