import type { DriverPod } from '../../../src/commands/driver-pods.ts';
import type { DriverWorkload } from '../../../src/commands/driver-templates.ts';
import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { together } from '../../../src/core/finding.ts';
import { quantityOf } from '../../../src/core/quantity.ts';
import type { Code } from '../codes.ts';
import { isOfDeployment, livingPods } from '../facts.ts';
import type { Around } from './around.ts';
import { KEEP_THE_OTHERS, throughTerraform } from './around.ts';
import type { InPods, Kill, Role } from './kills.ts';
import { clocksOf, killEvidence, killOf, limitText, places, recent } from './kills.ts';

/** The kernel's kills, which stand in container states and in no event; and limits that are not the ones that were meant. */
export function memory(around: Around): Diagnosis<Code> {
  const { driver } = around;
  const { daemonSets, deployments } = driver;
  const known = [
    ...(daemonSets.known ? daemonSets.value.map((workload) => ({ role: 'node' as const, workload, templates: daemonSets })) : []),
    ...(deployments.known
      ? deployments.value.map((workload) => ({ role: 'controller' as const, workload, templates: deployments }))
      : []),
  ];
  const parts = known.flatMap(({ workload, ...rest }) =>
    workload.containers.map((template): InPods => {
      const live = podsOf(around, workload, rest.role).flatMap((pod) =>
        pod.containers.filter(({ name }) => name === template.name).map((container) => ({ pod, container })),
      );
      return { ...around, ...rest, workload, template, live };
    }),
  );
  return together(parts.map(judge));
}

function podsOf({ driver }: Around, { name }: DriverWorkload, role: Role): readonly DriverPod[] {
  return livingPods(driver.pods).filter(({ owner, terminating }) => {
    if (terminating || owner === undefined) return false;
    return role === 'node' ? owner.kind === 'DaemonSet' && owner.name === name : isOfDeployment(owner, name);
  });
}

function judge(one: InPods): Diagnosis<Code> {
  const kills = one.live.map((each) => killOf(one, each));
  const finding = ignored(one, kills) ?? unlocking(one, kills) ?? differs(one) ?? tooLow(one, kills);
  return { evidence: kills.flatMap((kill) => killEvidence(one, kill)), findings: finding === undefined ? [] : [finding] };
}

function keyOf({ driver, role, template }: InPods): string {
  return driver.driver.keys[`${role}/${template.name}`] ?? `the resources of ${template.name}`;
}

/** The template says nothing, so the namespace's default is in force: the values have the key where the chart does not read it. */
function ignored(one: InPods, kills: readonly Kill[]): Finding<Code> | undefined {
  const { driver, facts, workload, template, templates, pods, live } = one;
  const { limitRanges } = driver;
  if (template.limitBytes !== undefined || !limitRanges.known) return undefined;
  const range = limitRanges.value.find(({ defaultLimitBytes }) => defaultLimitBytes !== undefined);
  const given = live.filter(
    ({ container }) => container.limitBytes !== undefined && container.limitBytes === range?.defaultLimitBytes,
  );
  const others = workload.containers.filter(({ limitBytes }) => limitBytes !== undefined);
  const killed = recent(kills);
  if (range === undefined || given.length === 0 || (others.length === 0 && killed.length === 0)) return undefined;
  const oom = killed.length === 0 ? '' : `, and was killed for memory on ${places(killed)} (OOMKilled, exit code 137)`;
  const key = keyOf(one);
  const nested = key.startsWith('csiProxy.') ? '; below `controller` or `node` the chart ignores that key without a word' : '';
  return {
    code: 'memory-limit-ignored',
    subject: `${workload.name}/${template.name}`,
    says: `${template.name} of ${workload.name} runs with a limit of ${limitText(range.defaultLimitBytes)}, which LimitRange ${range.name} gives to containers that have none: the template has a limit for ${others.map(({ name }) => name).join(', ') || 'no container'} and none for it${oom}`,
    remedy: throughTerraform(facts.site, driver.driver, `put its limit at ${key}.limits.memory${nested}`),
    doNot: `Do not raise the LimitRange of the namespace: it is not what was meant. ${KEEP_THE_OTHERS}`,
    seen: [pods, templates, limitRanges, ...(others.length === 0 ? clocksOf(killed) : [])],
  };
}

/** Argon2id, which derives the key of a LUKS volume, wants about a gibibyte for a moment. */
const UNLOCKING_BYTES = 1.25 * 2 ** 30;

function unlocking(one: InPods, kills: readonly Kill[]): Finding<Code> | undefined {
  const { driver, facts, role, workload, template, templates, pods } = one;
  const { volumes } = facts.cluster;
  const killed = recent(kills);
  const isMain = role === 'node' && template.name === driver.driver.main.node;
  if (!isMain || killed.length === 0 || !volumes.known || (template.limitBytes ?? Number.POSITIVE_INFINITY) >= UNLOCKING_BYTES)
    return undefined;
  const encrypted = volumes.value.filter((volume) => volume.driver === driver.driver.name && volume.encrypted);
  if (encrypted.length === 0) return undefined;
  return {
    code: 'unlocking-killed',
    subject: `${workload.name}/${template.name}`,
    says: `${template.name} is killed for memory on ${places(killed)} at ${limitText(template.limitBytes)}: it unlocks encrypted volumes (${encrypted.map(({ name }) => name).join(', ')}), for which LUKS wants about 1 GiB for a moment; plain volumes are mounted as ever`,
    remedy: throughTerraform(
      facts.site,
      driver.driver,
      `set ${keyOf(one)}.limits.memory to at least ${quantityOf(UNLOCKING_BYTES)} (now ${limitText(template.limitBytes)})`,
    ),
    doNot: `Do not make the encrypted volumes anew: they are whole. ${KEEP_THE_OTHERS}`,
    seen: [pods, templates, volumes, ...clocksOf(killed)],
  };
}

/** Its pods are older than the template, or something changes them on their way in. */
function differs(one: InPods): Finding<Code> | undefined {
  const { driver, facts, workload, template, templates, pods, live } = one;
  const { limitBytes } = template;
  const other = live.filter(({ container }) => limitBytes !== undefined && container.limitBytes !== limitBytes);
  const [first] = other;
  if (first === undefined) return undefined;
  return {
    code: 'memory-limit-differs',
    subject: `${workload.name}/${template.name}`,
    says: `${template.name} runs with a limit of ${limitText(first.container.limitBytes)} on ${places(other)}, and the template of ${workload.name} says ${limitText(limitBytes)}`,
    remedy: `Its pods are older than the template: let ${workload.name} finish its rollout, one node after another (kubectl rollout status says what it waits for). Where new pods have it too, an admission rule changes it. The value itself: ${throughTerraform(facts.site, driver.driver, `${keyOf(one)}.limits.memory`)}`,
    doNot: KEEP_THE_OTHERS,
    seen: [pods, templates],
  };
}

function tooLow(one: InPods, kills: readonly Kill[]): Finding<Code> | undefined {
  const { driver, facts, workload, template, templates, pods } = one;
  const { limitBytes } = template;
  const killed = recent(kills);
  if (killed.length === 0 || limitBytes === undefined) return undefined;
  return {
    code: 'memory-limit-low',
    subject: `${workload.name}/${template.name}`,
    says: `${template.name} of ${workload.name} was killed for memory on ${places(killed)} (OOMKilled, exit code 137) at ${limitText(limitBytes)}, the limit that its template has: it is too low`,
    remedy: throughTerraform(
      facts.site,
      driver.driver,
      `set ${keyOf(one)}.limits.memory to ${quantityOf(limitBytes * 2)} (now ${limitText(limitBytes)})`,
    ),
    doNot: `Do not look for it in events: they show the back-off and never the kill. ${KEEP_THE_OTHERS}`,
    seen: [pods, templates, ...clocksOf(killed)],
  };
}
