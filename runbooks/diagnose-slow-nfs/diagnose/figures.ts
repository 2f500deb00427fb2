import type { PoolStatus } from '../../../src/commands/zfs-status.ts';
import type { Evidence } from '../../../src/core/finding.ts';
import { bad, notSeen, ok } from '../../../src/core/finding.ts';
import type { Facts, HostFacts } from '../facts.ts';
import { IDLE_PERCENT, SATURATED_PERCENT } from '../facts.ts';
import { mb, ms, percent } from './parts.ts';

/** What was measured of NAS, hypervisor and cluster, whatever follows from it. */
export function figures(facts: Facts): readonly Evidence[] {
  return [...ofService(facts), ...ofCluster(facts), ...ofServer(facts), ...ofHost(facts)];
}

function ofService({ service, nodes, cluster }: Facts): Evidence[] {
  if (service === undefined || !cluster.pods.known) return [];
  const uids = service.pods.map(({ uid }) => uid);
  const lines = nodes.flatMap(({ name, rates }) => {
    if (!rates?.known) return [];
    const own = rates.value.filter(({ mountPoints }) => mountPoints.some((point) => uids.some((uid) => point.includes(uid))));
    return own.map(
      ({ paths, times }) =>
        `${name} ${paths.length === 1 ? paths[0] : `${paths.length} paths of one file system`}: ${timeOf(times)}`,
    );
  });
  const says = lines.length === 0 ? 'no mount of it was measured' : lines.join('; ');
  return [ok(`${service.is}: ${says}`, cluster.pods)];
}

function timeOf(times: { readonly rttMs: number; readonly exeMs: number } | undefined): string {
  return times === undefined ? 'no call while we looked' : `${ms(times.rttMs)} there and back, ${ms(times.exeMs)} with waiting`;
}

function ofCluster({ cluster, jobs, schedules, clock }: Facts): Evidence[] {
  const { pods, nodes, volumes } = cluster;
  const unseen = notSeen('Cluster', [pods, nodes, volumes, jobs, schedules]);
  return [
    ...unseen,
    ...notSeen('Clock of the NAS', [clock]),
    ...ofJobs({ jobs, schedules }),
    ...ofSchedules({ schedules, clock }),
  ];
}

function ofJobs({ jobs, schedules }: Pick<Facts, 'jobs' | 'schedules'>): Evidence[] {
  if (!jobs.known) return [];
  const running = jobs.value.filter(({ active }) => active > 0);
  if (running.length === 0) return [ok('No Job runs now', jobs)];
  const names = running.map(({ namespace, name, owners }) => {
    const cron = owners.find(({ kind }) => kind === 'CronJob');
    const found = schedules.known
      ? schedules.value.find((each) => each.namespace === namespace && each.name === cron?.name)
      : undefined;
    return `${namespace}/${name}${found === undefined ? '' : ` (CronJob, ${found.schedule})`}`;
  });
  return [ok(`Jobs that run now: ${names.join(', ')}`, jobs)];
}

const LATELY_S = 2 * 3_600;

/** What a slow hour may coincide with, also where its Job is gone already. */
function ofSchedules({ schedules, clock }: Pick<Facts, 'schedules' | 'clock'>): Evidence[] {
  if (!schedules.known || !clock.known) return [];
  const lately = schedules.value.filter(({ lastAt = 0 }) => lastAt > clock.value - LATELY_S && lastAt <= clock.value);
  const names = lately.map(({ namespace, name, schedule }) => `${namespace}/${name} (${schedule})`);
  return names.length === 0 ? [] : [ok(`CronJobs that began within the last two hours: ${names.join(', ')}`, schedules, clock)];
}

function ofServer({ nas }: Facts): Evidence[] {
  const { kernel, middleware, processes, status, space, traffic, cache, stored, threads } = nas;
  const looks = [kernel, middleware, processes, status, space, traffic, cache, stored, threads];
  const counted = traffic?.known
    ? traffic.value.map(({ name, ...rest }) => `${name} ${mb(rest.readKBPerS)} read, ${mb(rest.writeKBPerS)} written`)
    : [];
  const full = space?.known
    ? space.value.map(
        ({ name, usedPercent, fragmentedPercent }) =>
          `${name} ${usedPercent} % full${fragmentedPercent === undefined ? '' : `, ${fragmentedPercent} % fragmented`}`,
      )
    : [];
  return [
    ...notSeen(
      'NAS',
      looks.filter((each) => each !== undefined),
    ),
    ...(status?.known && status.value.length > 0 ? [ok(`Scans: ${status.value.map(saysScan).join('; ')}`, status)] : []),
    ...(traffic?.known && counted.length > 0 ? [ok(`Pools: ${counted.join('; ')}`, traffic)] : []),
    ...(space?.known && full.length > 0 ? [ok(`Space: ${full.join('; ')}`, space)] : []),
    ...(cache?.known && cache.value !== undefined ? [ok(saysCache(cache.value), cache)] : []),
    ...ofThreads(nas),
  ];
}

/** On a healthy server nearly all of them wait for calls. */
function ofThreads({ processes, threads }: Facts['nas']): Evidence[] {
  if (!processes?.known) return [];
  const all = processes.value.filter(({ program }) => /^nfsd\b/.test(program));
  const waiting = all.filter(({ state }) => state === 'D').length;
  const says = `Threads of the NFS server: ${all.length}, ${waiting} of them wait for a disk`;
  return [ok(says, processes, ...(threads?.known ? [threads] : []))];
}

function saysCache({
  nowPercent,
  sinceBootPercent,
}: {
  readonly nowPercent?: number;
  readonly sinceBootPercent: number;
}): string {
  const now = nowPercent === undefined ? 'nothing was read' : `${percent(nowPercent)} was in memory`;
  return `Cache of ZFS: ${now} while we looked, ${percent(sinceBootPercent)} since its boot`;
}

function saysScan({ name, scan }: PoolStatus): string {
  switch (scan.is) {
    case 'running':
      return `${name} ${scan.what} at ${percent(scan.percent)}`;
    case 'paused':
      return `${name} scrub paused at ${percent(scan.percent)}`;
    default:
      return `${name} none`;
  }
}

function ofHost({ host, site }: Facts): Evidence[] {
  if (host === undefined) return [];
  const { processes, load, disk, list, machines } = host;
  const looks = [processes, load, list, ...(disk === undefined ? [] : [disk]), ...machines.map(({ minutes }) => minutes)];
  const average = load.known ? [ok(`Load of ${site.hypervisor?.host.name}: ${load.value}`, load)] : [];
  return [...notSeen('Hypervisor', looks), ...ofDisk(host, site.hypervisor?.dataDisk ?? ''), ...average];
}

function ofDisk({ disk }: HostFacts, name: string): Evidence[] {
  if (!disk?.known) return [];
  const { busyPercent, queue, readWaitMs, writeWaitMs, readKBPerS, writeKBPerS } = disk.value;
  const amount = `${mb(readKBPerS)} read, ${mb(writeKBPerS)} written, ${queue.toFixed(1)} queued`;
  const says = `${name} is busy ${percent(busyPercent)} of the time: ${amount}, a read waits ${ms(readWaitMs)}, a write ${ms(writeWaitMs)}`;
  const limit = busyPercent >= SATURATED_PERCENT ? 'fully busy' : busyPercent < IDLE_PERCENT ? 'has time' : 'busy, and not fully';
  return [busyPercent >= SATURATED_PERCENT ? bad(`${says} (${limit})`, disk) : ok(`${says} (${limit})`, disk)];
}
