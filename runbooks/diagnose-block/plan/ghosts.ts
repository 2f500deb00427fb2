import { nodeNamed } from '../../../src/commands/cluster.ts';
import { setCordon } from '../../../src/commands/cluster-changes.ts';
import { clockOf } from '../../../src/commands/node-system.ts';
import { commandLine, show } from '../../../src/core/command.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { changes, uses } from '../../../src/core/hold.ts';
import type { Step, Verification } from '../../../src/core/plan.ts';
import { check, noUndo, verify } from '../../../src/core/plan.ts';
import type { Site } from '../../../src/core/site.ts';
import { objectionTo } from '../../../src/topology/block-clearance.ts';
import { mayStill } from '../../../src/topology/block-recheck.ts';
import type { Ghost } from '../diagnose/ghosts.ts';
import { ghostsOf } from '../diagnose/ghosts.ts';
import type { Facts } from '../facts.ts';
import { aMinuteLater, emptySlot, SECOND_LOOK_S } from './slot.ts';

/** As many as one run takes out of their slots. */
const MOST = 5;

/**
 * Two looks, a minute apart, with the node closed to new pods between them: a disk that is on its way has arrived by the second one.
 * The first is that of the diagnosis, the second the verification of the cordon, and it is repeated before each disk.
 */
export function emptySlots(because: Finding, facts: Facts): readonly Step[] {
  const { look, site, clock } = facts;
  const node = because.subject;
  const machine = look.machines.find((each) => each.node === node);
  if (machine === undefined || clock?.known !== true || !look.nodes.known || !machine.config.known) return [];
  const ghosts = ghostsOf(look, machine)
    .filter(({ chain }) => objectionTo(chain, 'empty-slot') === undefined)
    .slice(0, MOST);
  const slots = machine.config.value.slots;
  const steps = ghosts.flatMap(({ slot: name, chain }) => {
    const slot = slots.find((each) => each.slot === name);
    const step = slot && emptySlot({ site, look, slot, chain, firstLookS: clock.value, because });
    return step === undefined ? [] : [step];
  });
  if (steps.length === 0) return [];
  const wasCordoned = look.nodes.value.some(({ name, cordoned }) => name === node && cordoned);
  const about = { site, node, because, ghosts, firstLookS: clock.value, vmid: machine.vmid };
  return [hold(about, wasCordoned), ...steps, ...(wasCordoned ? [] : [giveBack(about)])];
}

interface About {
  readonly site: Site;
  readonly node: string;
  readonly vmid: number | undefined;
  readonly because: Finding;
  readonly ghosts: readonly Ghost[];
  readonly firstLookS: number;
}

/** A cordon of a node that has one already changes nothing, and gives the second look its minute. */
function hold(about: About, wasCordoned: boolean): Step {
  const { node, because, vmid } = about;
  const look = nodeNamed(node);
  return {
    title: wasCordoned ? `Keep ${node} cordoned for a second look` : `Cordon ${node} for a second look`,
    because,
    before: [check(`${node} takes ${wasCordoned ? 'no pods' : 'pods'}`, look, ({ cordoned }) => cordoned === wasCordoned)],
    change: setCordon(node, true),
    after: secondLook(about),
    undo: noUndo(
      wasCordoned
        ? 'Not needed: it was cordoned before.'
        : `The last step gives the node back. Where the run ends before that: kubectl uncordon ${node}`,
    ),
    holds: [changes('node', node), ...(vmid === undefined ? [] : [uses('vm', `${vmid}`)])],
    warnings: ['Pods that run there go on; no new one starts there until the last step.'],
  };
}

/** A minute after the first one, by the hypervisor's own clock, all of them again. */
function secondLook({ site, node, ghosts, firstLookS }: About): Verification {
  const cordoned = nodeNamed(node);
  const looks = ghosts.map(({ chain: { subject } }) => mayStill('empty-slot', { site, subject, node }));
  const clock = site.hypervisor && clockOf(site.hypervisor.host);
  const minute = site.hypervisor && aMinuteLater(site.hypervisor.host, firstLookS);
  return {
    says: `${SECOND_LOOK_S} seconds after the first look, ${node} is cordoned and these ${ghosts.length} disks are still of nobody`,
    line: [
      show(cordoned.command),
      ...(clock ? [commandLine(clock.command)] : []),
      ...looks.slice(0, 1).map(({ line }) => line),
    ].join('; '),
    withinMs: 120_000,
    holds: async (read) => {
      const seen = await read(cordoned);
      if (!seen.known) return { answer: 'unknown', seen };
      if (!seen.value.cordoned) return { answer: 'no', seen };
      const answers = await Promise.all([...(minute ? [minute] : []), ...looks].map((each) => each.holds(read)));
      return answers.find(({ answer }) => answer !== 'yes') ?? { answer: 'yes', seen };
    },
  };
}

function giveBack({ node, because }: About): Step {
  const look = nodeNamed(node);
  return {
    title: `Uncordon ${node}`,
    because,
    before: [check(`${node} takes no pods, and is ready`, look, ({ cordoned, ready }) => cordoned && ready)],
    change: setCordon(node, false),
    after: verify(`${node} takes pods again`, look, ({ cordoned }) => !cordoned),
    undo: noUndo('Not needed: it takes pods as it did before.'),
    holds: [changes('node', node)],
  };
}
