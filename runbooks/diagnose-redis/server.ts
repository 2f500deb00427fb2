import type { RedisVolume } from '../../src/commands/redis.ts';
import type { RedisAnswer, RedisInfo } from '../../src/commands/redis-info.ts';
import { ok, together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Member } from './facts.ts';
import type { Part } from './seeing.ts';

/** What one server says of itself, and what its volume and its memory say. */
export function server({ name, pod, look }: Member): Part {
  if (look === undefined) return NOTHING;
  const { answer, volume } = look;
  const room = volume.known ? ofVolume(name, volume, claimOf(pod)) : NOTHING;
  if (!answer.known) return room;
  if (answer.value.is === 'down')
    return together([
      room,
      found({
        code: 'server-down',
        subject: name,
        says: `Nothing listens in the container of ${name}: ${answer.value.says}`,
        remedy: 'Kubelet starts it again when its probe fails; its log says what it waits for.',
        doNot: 'Do not restore for it: its data are in its volume.',
        seen: [answer],
      }),
    ]);
  const about: About = { name, info: answer.value.info, seen: answer };
  return together([room, loading(about), link(about), saves(about), memory(about, volume.known ? volume : undefined)]);
}

interface About {
  readonly name: string;
  readonly info: RedisInfo;
  readonly seen: Known<RedisAnswer>;
}

function loading({ name, info, seen }: About): Part {
  if (info.loading === undefined) return told(ok(`${name} is a ${info.role} with ${info.keys} keys`, seen));
  return found({
    code: 'loading',
    subject: name,
    says: `${name} reads its data: ${info.loading} % so far, and everybody is answered LOADING until it has`,
    remedy: 'Wait, and look again.',
    doNot: 'Do not restart it: it would begin again.',
    seen: [seen],
  });
}

function link({ name, info: { link: to, keys, loading: loads }, seen }: About): Part {
  // While it loads it has not asked its master yet.
  if (to === undefined || loads !== undefined) return NOTHING;
  if (to.isUp) return told(ok(`${name} follows ${to.host}`, seen));
  if (to.isCopying) return told(ok(`${name} copies the data of ${to.host} now`, seen));
  const since = to.downForS === undefined ? '' : ` since ${Math.round(to.downForS / 60)} minutes`;
  return found({
    code: 'replica-link-down',
    subject: name,
    says: `${name} follows ${to.host} and has lost it${since}; it has ${keys} keys of then`,
    remedy: `See whether that is still the master and answers; the log of ${name} says what the link lacks (a name, a password, the network).`,
    doNot: 'Do not make it the master for that: it lacks what was written since.',
    seen: [seen],
  });
}

function saves({ name, info, seen }: About): Part {
  const aof = info.hasAof
    ? [ok(`${name} writes an AOF, from which it starts: an RDB that is put beside that is not read`, seen)]
    : [];
  if (!info.savesFail && !info.aofFails) return told(...aof);
  const { MISCONF: refused = 0 } = info.refused;
  const stopped = refused > 0 ? ` It has refused ${refused} writes for that (MISCONF).` : '';
  return together([
    told(...aof),
    found({
      code: 'save-failing',
      subject: name,
      says: `${name} cannot ${info.savesFail ? 'save its data' : 'write its AOF'}: the last attempt failed, and ${info.changesSinceSave} changes are in memory alone.${stopped}`,
      remedy:
        'Make room or let the volume be written again, where one of these is found here; else its log says why (a fork without memory, another user of the file). Then redis-cli BGSAVE.',
      doNot:
        'Do not restart it before it has saved: what is in memory alone would be gone. Do not turn stop-writes-on-bgsave-error off to be rid of the error.',
      seen: [seen],
    }),
  ]);
}

const FULL = 0.05;

/** `redis/redis-data-redis-node-0`: of what the pod mounts from claims, the first. */
function claimOf(pod: Member['pod']): string {
  const [claim] = pod?.spec.volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []) ?? [];
  return pod === undefined || claim === undefined ? '<namespace>/<claim>' : `${pod.namespace}/${claim}`;
}

function ofVolume(name: string, seen: Known<RedisVolume>, claim: string): Part {
  const { freeBytes, sizeBytes, isReadOnly } = seen.value;
  if (isReadOnly)
    return found({
      code: 'volume-read-only',
      subject: name,
      says: `The volume with the data of ${name} is mounted read-only: nothing is saved there`,
      remedy: `The kernel turns a file system read-only when writing failed: /storage diagnose block ${claim} says what is wrong below it.`,
      doNot: 'Do not remount it for writing, and do not restart the pod before its data are saved elsewhere.',
      seen: [seen],
    });
  const left = `The volume with the data of ${name} has ${sizeOf(freeBytes)} left of ${sizeOf(sizeBytes)}`;
  if (freeBytes >= FULL * sizeBytes) return told(ok(left, seen));
  return found({
    code: 'volume-full',
    subject: name,
    says: `${left}: a save needs room for a second copy of the data, and fails without it`,
    remedy: `Let it grow: /storage expand pvc ${claim} <size>.`,
    doNot: 'Do not delete dump.rdb to make room: it is the last copy that was saved.',
    seen: [seen],
  });
}

const NEARLY = 0.9;

function memory({ name, info, seen }: About, volume: Known<RedisVolume> | undefined): Part {
  const { usedBytes, residentBytes, maxBytes, evicts, refused } = info;
  if (maxBytes !== undefined && usedBytes >= maxBytes && !evicts)
    return found({
      code: 'memory-full',
      subject: name,
      says: `${name} uses ${sizeOf(usedBytes)} of its maxmemory of ${sizeOf(maxBytes)} and evicts nothing: it refuses writes (OOM, ${refused['OOM'] ?? 0} so far)`,
      remedy:
        'Give it more memory in Terraform (maxmemory, and the limit of the container), or let the application remove what is old.',
      doNot: 'Do not let it evict where it holds queues: that removes jobs.',
      seen: [seen],
    });
  const limit = volume?.value.memoryBytes;
  if (limit === undefined || volume === undefined) return NOTHING;
  const says = `${name} uses ${sizeOf(residentBytes)} of the ${sizeOf(limit)} that its container may have`;
  if (residentBytes < NEARLY * limit) return told(ok(says, seen, volume));
  return found({
    code: 'memory-full',
    subject: name,
    says: `${says}: the kernel ends it at the limit, and a save needs more for as long as it takes`,
    remedy: 'Raise the limit of the container in Terraform before it grows further, with room for twice the data.',
    doNot: 'Do not delete keys by hand: queues are among them.',
    seen: [seen, volume],
  });
}
