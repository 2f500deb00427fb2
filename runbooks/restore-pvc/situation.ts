import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import * as cluster from '../../src/commands/cluster.ts';
import { virtualMachines } from '../../src/commands/host-load.ts';
import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import { logicalVolumes } from '../../src/commands/logical-volumes.ts';
import { vmConfig } from '../../src/commands/proxmox-vm.ts';
import { commandLine, show } from '../../src/core/command.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check } from '../../src/core/plan.ts';
import { check } from '../../src/core/plan.ts';
import { sizeOf } from '../../src/core/size.ts';
import type { Using } from '../../src/topology/claim-using.ts';
import { isLiving, runsNow, userRuns } from '../../src/topology/stopped-users.ts';
import type { Choice, Facts } from './facts.ts';
import { isDiskOf } from './holders.ts';
import type { Place } from './identity.ts';
import { MOST_DATA_PERCENT, MOST_METADATA_PERCENT } from './obstacles.ts';
import { isOfPlace, type Stage } from './state.ts';

/** What every step is planned from: all of it was seen. */
export interface Situation {
  readonly facts: Facts;
  readonly place: Place;
  readonly choice: Choice;
  readonly stage: Stage;
  readonly logical: readonly LogicalVolume[];
  readonly using: Using;
  readonly because: Finding;
  readonly workName: string;
}

export function volumesAre({ facts, place }: Situation, says: string, holds: (all: readonly LogicalVolume[]) => boolean): Check {
  return check(says, logicalVolumes(facts.hypervisor.host, place.vg), holds);
}

/** The very volume, whatever it is called, closed and under this name. */
export function isNamed(situation: Situation, { uuid }: LogicalVolume, name: string): Check {
  return volumesAre(situation, `${name} is the same volume as before (${uuid}), and closed`, (all) =>
    all.some((each) => each.name === name && each.uuid === uuid && !each.isOpen),
  );
}

export function nameIsFree(situation: Situation, name: string): Check {
  return volumesAre(situation, `No volume is named ${name}`, (all) => all.every((each) => each.name !== name));
}

/** A claim that somebody deleted goes with its last pod. */
export function claimStays({ place: { claim, volume } }: Situation): Check {
  const { namespace, name } = claim;
  const says = `${namespace}/${name} has ${volume.name}, and is not being deleted`;
  return check(says, cluster.persistentVolumeClaims(), (all) =>
    all.some((now) => now.namespace === namespace && now.name === name && now.volume === volume.name && !now.isGoing),
  );
}

/** That nobody has the volume, and who uses it is not to run; read again before every change of it. */
export function nobodyHasIt(situation: Situation): readonly Check[] {
  const users = situation.using.users.map((user) => userRuns(user, runsNow(user)));
  return [
    ...users,
    claimStays(situation),
    noPodUses(situation),
    nowhereAttached(situation),
    inNoMachine(situation),
    allAreClosed(situation),
  ];
}

function noPodUses({ facts: { asked } }: Situation): Check {
  const { namespace, claim } = asked;
  return check(`No pod uses ${namespace}/${claim}`, cluster.pods(), (all) =>
    all.every(
      (pod) =>
        pod.namespace !== namespace ||
        !isLiving(pod) ||
        pod.spec.volumes.every(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName !== claim),
    ),
  );
}

/** What was opened between a look and a rename goes on under the new name: that one is asked as well. */
export function allAreClosed(situation: Situation): Check {
  const { place } = situation;
  return volumesAre(situation, `${place.disk} is closed, and so is all that was put aside of it or made for its place`, (all) =>
    all.every((each) => !isOfPlace(place, each) || !each.isOpen),
  );
}

export function nowhereAttached({ place }: Situation): Check {
  const { name } = place.volume;
  return check(`No node has ${name} attached`, volumeAttachments(), (all) => all.every((each) => each.persistentVolume !== name));
}

/** All machines that there are now are asked, one by one. */
export function inNoMachine({ facts, place }: Situation): Check {
  const { host, api } = facts.hypervisor;
  const list = virtualMachines(host);
  const asked = facts.host.machines.map(({ vmid }) => commandLine(vmConfig(api, vmid).command));
  return {
    says: `No machine has ${place.disk} in its configuration`,
    line: [show(list.command), ...asked].join('; '),
    holds: async (read) => {
      const all = await read(list);
      if (!all.known) return { answer: 'unknown', seen: all };
      const configs = await Promise.all(all.value.map(({ vmid }) => read(vmConfig(api, vmid))));
      const unknown = configs.find(({ known }) => !known);
      if (unknown !== undefined) return { answer: 'unknown', seen: unknown };
      const having = configs.find((seen) => seen.known && seen.value.slots.some(({ volume }) => isDiskOf(volume, place)));
      return having === undefined ? { answer: 'yes', seen: all } : { answer: 'no', seen: having };
    },
  };
}

export function poolHasRoom(situation: Situation, pool: string, moreBytes = 0): Check {
  const more = moreBytes === 0 ? '' : `, with ${sizeOf(moreBytes)} more`;
  const says = `Thin pool ${pool} is healthy, with less than ${MOST_DATA_PERCENT} % of its data${more} and ${MOST_METADATA_PERCENT} % of its metadata used`;
  return volumesAre(situation, says, (all) =>
    all.some(
      ({ name, attributes, sizeBytes, dataPercent = 100, metadataPercent = 100 }) =>
        name === pool &&
        attributes[8] === '-' &&
        dataPercent + (100 * moreBytes) / sizeBytes < MOST_DATA_PERCENT &&
        metadataPercent < MOST_METADATA_PERCENT,
    ),
  );
}

/** What every change of the volume depends on, besides what it changes itself. */
export function holdsOf({ place, facts: { asked } }: Situation, ...changed: readonly string[]): [Hold, ...Hold[]] {
  const [first = place.disk, ...more] = changed.map((name) => `${place.vg}/${name}`);
  return [
    changes('lv', first),
    ...more.map((name) => changes('lv', name)),
    changes('pvc', `${asked.namespace}/${asked.claim}`),
    uses('pv', place.volume.name),
  ];
}
