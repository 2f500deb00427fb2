import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { ok, together } from '../../src/core/finding.ts';
import { sizeOf } from '../../src/core/size.ts';
import { immovable, type Using, usingOf } from '../../src/topology/claim-using.ts';
import { found, NOTHING, type Proofs, told } from '../../src/topology/zfs-findings.ts';
import type { At } from './at.ts';
import type { Code } from './codes.ts';
import { files } from './file-obstacles.ts';
import { holdersOf } from './holders.ts';
import type { Place } from './identity.ts';
import { chosenSnapshot, isKept } from './state.ts';

type Part = Diagnosis<Code>;

/** Nothing is in the way of what is done. */
export function obstacles(at: At): Part {
  const isDone = at.stage.is === 'restored';
  const using = usingOf(at.facts.cluster, at.facts.asked);
  return together<Code>([
    using === undefined ? NOTHING : together<Code>([isDone ? NOTHING : owners(at, using), holdersOf(at, using)]),
    ...(isDone ? [] : [backups(at), pool(at), snapshot(at), files(at)]),
  ]);
}

const WHO: Readonly<Record<'operator-owned' | 'cannot-stop' | 'backup-running', Pick<Finding, 'remedy' | 'doNot'>>> = {
  'operator-owned': {
    remedy: "Restore it with the operator's own means: for CloudNativePG a recovery into a new cluster.",
    doNot: 'Do not scale what an operator owns: it takes an instance that went away for a failure, and starts another.',
  },
  'cannot-stop': { remedy: 'Stop it by hand, and note how it ran. Then ask again.' },
  'backup-running': {
    remedy: 'Wait until it has ended, then ask again: what it writes or reads now would be half of each.',
    doNot: 'Do not kill it: it is most likely the backup of this volume.',
  },
};

function owners({ place }: At, using: Using): Part {
  const own = immovable(using, place.claim);
  const name = `${place.claim.namespace}/${place.claim.name}`;
  if (own.length === 0) return told(ok(`Whoever uses ${name} can be stopped and started`, ...using.seen));
  return together(
    own.map(({ code, subject, why }) =>
      found<Code>({
        code,
        subject,
        says: subject === name ? `Of ${name}, ${why}` : `${subject} uses ${name}, and ${why}`,
        ...WHO[code],
        seen: using.seen,
      }),
    ),
  );
}

/** Both jobs of the host open the volumes one by one, or remove snapshots. */
function backups({ facts: { host, hypervisor } }: At): Part {
  return together(
    host.backups.map(({ unit, activity }) => {
      if (!activity.known) return NOTHING;
      if (activity.value !== 'runs') return told(ok(`${unit} does not run on ${hypervisor.host.name}`, activity));
      const says = `${unit} runs on ${hypervisor.host.name} now: it makes or removes snapshots, or reads the volumes`;
      return found<Code>({ code: 'backup-running', subject: unit, says, ...WHO['backup-running'], seen: [activity] });
    }),
  );
}

export const MOST_DATA_PERCENT = 90;
export const MOST_METADATA_PERCENT = 75;

/** A copy takes little at first, and every block that is written to it later. */
function pool({ facts, stage, place, logical }: At): Part {
  const volume = 'current' in stage ? stage.current : 'kept' in stage ? stage.kept : undefined;
  const own = logical.value.find(({ name }) => name === volume?.pool);
  if (volume === undefined) return NOTHING;
  if (own === undefined) return unfit(place, [`${volume.name} is in no thin pool: LVM makes no such copy of it`], [logical]);
  const { attributes, dataPercent = 100, metadataPercent = 100, sizeBytes } = own;
  const bytes = facts.volume?.tree?.known === true ? facts.volume.tree.value.bytes : 0;
  const thenPercent = dataPercent + (100 * bytes) / sizeBytes;
  const wrong = [
    ...(attributes[8] === '-' ? [] : [`its health is ${attributes[8]} (${attributes})`]),
    ...(thenPercent < MOST_DATA_PERCENT ? [] : [`its data would be ${thenPercent.toFixed(1)} % full`]),
    ...(metadataPercent < MOST_METADATA_PERCENT ? [] : [`its metadata is ${metadataPercent} % full`]),
  ];
  const name = `${own.vg}/${own.name}`;
  const { tree } = facts.volume ?? {};
  if (wrong.length > 0)
    return unfit(
      place,
      wrong.map((each) => `of thin pool ${name}, ${each}`),
      bytes > 0 && tree?.known === true ? [logical, tree] : [logical],
    );
  return told(ok(`Thin pool ${name} has room: data ${dataPercent} %, metadata ${metadataPercent} %`, logical));
}

function unfit({ vg }: Place, wrong: readonly string[], seen: Proofs): Part {
  return found({
    code: 'pool-unfit',
    subject: vg,
    says: wrong.join('; '),
    remedy: 'Make room first: /storage diagnose capacity.',
    doNot: 'Do not fill the pool: every machine on it stops writing at once.',
    seen,
  });
}

/** A name proves nothing: only LVM's own record of the origin does. */
function snapshot({ facts: { asked }, place, logical, stage }: At): Part {
  if (asked.choice?.from !== 'snapshot' || stage.is === 'missing') return NOTHING;
  const chosen = chosenSnapshot(place, logical.value, asked.choice);
  if (chosen === undefined) return NOTHING;
  if (chosen.origin !== place.disk && !isKept(place, chosen.origin))
    return found({
      code: 'other-origin',
      subject: chosen.name,
      says: `${chosen.name} is ${chosen.origin === undefined ? 'a snapshot of nothing that LVM knows' : `a snapshot of ${chosen.origin}`}, and not of ${place.disk}`,
      remedy: 'Choose another one. What this holds a person must look at first, in a copy of it that is mounted read-only.',
      doNot: 'Do not restore by the name alone: it would put the data of another service under this one.',
      seen: [logical],
    });
  const size = Math.max(
    0,
    ...logical.value.filter(({ name }) => name === place.disk || name === chosen.origin).map((each) => each.sizeBytes),
  );
  const wrong = [
    ...(chosen.attributes.startsWith('V') ? [] : [`it is no thin volume (${chosen.attributes})`]),
    ...('-a'.includes(chosen.attributes[4] ?? '?') && chosen.attributes[8] === '-'
      ? []
      : [`LVM calls it damaged (${chosen.attributes})`]),
    ...(chosen.sizeBytes >= size
      ? []
      : [`it has ${sizeOf(chosen.sizeBytes)}, and the volume was made larger since: ${sizeOf(size)}`]),
  ];
  if (wrong.length === 0) return told(ok(`${chosen.name} is a snapshot of ${place.disk}, whole and as large`, logical));
  return found({
    code: 'snapshot-unfit',
    subject: chosen.name,
    says: `${chosen.name} cannot take the place of ${place.disk}: ${wrong.join('; ')}`,
    remedy: 'Choose another snapshot, or a copy of the files.',
    seen: [logical],
  });
}
