import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import type { Check, Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { nodeHost } from '../../src/core/site.ts';
import { announcementsUnseen, nothingAnnounced } from '../../src/repairs/preflight.ts';
import { hasNoVolume, haveRoom, isInState, poolsHaveRoom, qemuAnswers, wasStopped, writesNothing } from './checks.ts';
import type { Code } from './codes.ts';
import { bootsFrom, type Facts, isMeant, lastPower } from './facts.ts';
import { alertsText, asideText, backupText, endText, fenceOf, noBackup, othersOfMachine, sharedText } from './guards.ts';
import { type About, kubeletStep, resumeStep, startStep, stopStep, taintStep, untaintStep } from './steps.ts';

/** These are told, and done by people. */
const FOR_PEOPLE: readonly Code[] = ['stale-identity', 'kubelet-not-ready', 'another-machine', 'machine-locked', 'still-writing'];

/** Nothing while somebody is at work, or the power is; that is looked at again before each step. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts): Plan {
  const wanted = repair(diagnosis, facts);
  if ('stop' in wanted) return wanted;
  const why = alertsText(facts);
  if (why !== undefined) return stop(why);
  const [first, ...more] = wanted.steps;
  return steps(withAlerts(first, facts), ...more.map((step) => withAlerts(step, facts)));
}

function withAlerts(step: Step, facts: Facts): Step {
  const { before, warnings = [] } = step;
  return {
    ...step,
    before: [...before, ...nothingAnnounced(facts.alerts)],
    warnings: [...warnings, ...announcementsUnseen(facts.alerts)],
  };
}

function repair({ findings: [finding] }: Diagnosis<Code>, facts: Facts): Plan {
  if (finding === undefined) return stop('There is nothing to repair, as far as could be seen.');
  const { site, name, nodes, machine } = facts;
  const node = nodes.known ? nodes.value.find((one) => one.name === name) : undefined;
  if (FOR_PEOPLE.includes(finding.code) || node === undefined) return stop(finding.remedy);
  if (finding.code === 'tainted-though-up') return untaint(facts, finding, node);
  const aside = asideText(node);
  if (aside !== undefined) return stop(aside);
  if (finding.code === 'kubelet-silent') {
    const shared = sharedText(facts);
    return shared === undefined ? steps(kubeletStep(nodeHost(site, name), finding)) : stop(shared);
  }
  const volumes = volumesAt(facts);
  if (volumes === undefined) return stop('Nothing is planned, because it could not be seen which volumes are attached to it.');
  return machine === undefined ? stop(finding.remedy) : ofMachine(facts, { because: finding, name, node, machine, volumes });
}

function untaint({ site, name, attachments }: Facts, because: Finding, { taints }: About['node']): Plan {
  if (!attachments.known) return stop('Nothing is planned, because it could not be seen which volumes are attached to it.');
  const isLosing = attachments.value.some(({ node, deleting }) => node === name && deleting);
  if (isLosing) return stop('Its volumes are still being taken from it: wait, and ask again.');
  return steps(untaintStep(nodeHost(site, name), because, taints));
}

function ofMachine(facts: Facts, about: About): Plan {
  switch (about.because.code) {
    case 'machine-off':
      return startIfKnown(facts, about);
    case 'fenced':
      return afterFence(facts, about);
    case 'machine-turned-off':
    case 'machine-cannot-start':
      return taint(facts, about);
    case 'machine-crashed':
      return stopAndTaint(facts, about);
    case 'machine-paused':
      return goOn(facts, about);
    case 'machine-io-error':
      return goOnWithRoom(facts, about);
    default:
      return stopAndStart(facts, about);
  }
}

/** Without its boot disk it would not come back. */
function bootText({ machine: { vmid, config } }: About): string | undefined {
  if (config.known && bootsFrom(config.value) !== undefined) return undefined;
  return `Nothing is planned, because virtual machine ${vmid} has no disk to boot from: once off, it would not come back. Mend its configuration first.`;
}

const UNSEEN =
  'Nothing is planned, because it could not be seen who used its power switch last: ask whoever may have, and see that the reading token has Sys.Audit on the hypervisor.';

function startIfKnown(facts: Facts, about: About, stillSo: readonly Check[] = []): Plan {
  const { tasks } = about.machine;
  return tasks.known && lastPower(tasks.value) !== undefined ? start(facts, about, stillSo) : stop(UNSEEN);
}

function start(facts: Facts, about: About, stillSo: readonly Check[] = []): Plan {
  const why = bootText(about);
  if (why !== undefined) return stop(why);
  const others = othersOfMachine(facts, about.machine);
  if ('why' in others) return stop(`Not started, because ${others.why}`);
  const fence = fenceOf(facts, about.machine);
  return 'why' in fence ? stop(fence.why) : steps(startStep(about, [...others.checks, ...fence.checks, ...stillSo]));
}

/** What somebody turned off waits for them; what this bot stopped is started again, once its volumes are elsewhere. */
function afterFence(facts: Facts, about: About): Plan {
  const { name, machine, volumes } = about;
  const last = machine.tasks.known ? lastPower(machine.tasks.value) : undefined;
  if (last !== undefined && isMeant(last, 'off', machine.api))
    return stop(`${last.user} turned it off. Whoever did it starts it again; ask then once more.`);
  if (volumes.length > 0) {
    const how = volumes.length === 1 ? '1 volume is' : `${volumes.length} volumes are`;
    return stop(
      `Not started, because ${how} still attached to ${name}: wait until they are elsewhere, or diagnose block ${name}.`,
    );
  }
  return startIfKnown(facts, about, [hasNoVolume(name)]);
}

function taint(facts: Facts, about: About, proofs: readonly Check[] = []): Plan {
  const why = endText(facts, about.node);
  if (why !== undefined) return stop(why);
  const fence = fenceOf(facts, about.machine);
  return 'why' in fence ? stop(fence.why) : steps(taintStep(about, [...fence.checks, ...proofs]));
}

/** First the fence, then the mark: never the mark on a machine that may still write. */
function stopAndTaint(facts: Facts, about: About): Plan {
  const { machine, because, node } = about;
  const why = bootText(about) ?? endText(facts, node) ?? backupText(machine);
  const host = facts.site.hypervisor?.host;
  if (why !== undefined || host === undefined) return stop(why ?? because.remedy);
  const marked = taint(facts, about, [wasStopped(machine)]);
  if ('stop' in marked || !machine.current.known) return marked;
  const stillSo = [isInState(machine, machine.current.value.qmpStatus), ...noBackup(machine, host)];
  return steps(stopStep(about, stillSo), ...marked.steps);
}

function goOn(facts: Facts, about: About): Plan {
  const { machine } = about;
  const last = machine.tasks.known ? lastPower(machine.tasks.value) : undefined;
  if (last === undefined) return stop(UNSEEN);
  if (isMeant(last, 'pause', machine.api)) return stop(`${last.user} paused it. Whoever did it lets it go on; ask them.`);
  const others = othersOfMachine(facts, machine);
  if ('why' in others)
    return others.are === 'sharing' ? stopAndTaint(facts, about) : stop(`Nothing is planned, because ${others.why}`);
  return steps(resumeStep(about, [isInState(machine, 'paused'), ...others.checks]));
}

function goOnWithRoom(facts: Facts, about: About): Plan {
  const { site } = facts;
  const { pools } = about.machine;
  if (site.hypervisor === undefined || !pools.known) return stop('Nothing is planned, because the thin pools could not be seen.');
  if (!haveRoom(pools.value))
    return stop(
      'Nothing is planned: the thin pool is full, and the machine would be stopped again. Make room first: diagnose capacity.',
    );
  const others = othersOfMachine(facts, about.machine);
  if ('why' in others) return stop(`Nothing is planned, because ${others.why}`);
  const room = poolsHaveRoom(site.hypervisor.host);
  return steps(resumeStep(about, [isInState(about.machine, 'io-error'), room, ...others.checks]));
}

function stopAndStart(facts: Facts, about: About): Plan {
  const { machine, because, node } = about;
  const why = endText(facts, node) ?? backupText(machine);
  const host = facts.site.hypervisor?.host;
  if (why !== undefined || host === undefined) return stop(why ?? because.remedy);
  const started = start(facts, about);
  if ('stop' in started) return started;
  const stillSo = [isInState(machine, 'running'), qemuAnswers(host, machine), writesNothing(machine), ...noBackup(machine, host)];
  return steps(stopStep(about, stillSo), ...started.steps);
}

function volumesAt({ attachments, name }: Facts): readonly string[] | undefined {
  if (!attachments.known) return undefined;
  return attachments.value.flatMap(({ node, persistentVolume }) =>
    node === name && persistentVolume !== undefined ? [persistentVolume] : [],
  );
}
