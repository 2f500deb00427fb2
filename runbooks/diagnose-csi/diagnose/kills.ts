import type { Container, DriverPod } from '../../../src/commands/driver-pods.ts';
import type { DriverWorkload, TemplateContainer } from '../../../src/commands/driver-templates.ts';
import type { Evidence } from '../../../src/core/finding.ts';
import { bad, notSeen, ok } from '../../../src/core/finding.ts';
import { quantityOf } from '../../../src/core/quantity.ts';
import type { Known } from '../../../src/core/reading.ts';
import { isEnding, wasKilledForMemory } from '../facts.ts';
import type { Around } from './around.ts';

export type Role = 'node' | 'controller';

/** A container of a workload in all its pods. */
export interface InPods extends Around {
  readonly role: Role;
  readonly workload: DriverWorkload;
  readonly template: TemplateContainer;
  readonly templates: Known<unknown>;
  readonly live: readonly { readonly pod: DriverPod; readonly container: Container }[];
}

export interface Kill {
  readonly pod: DriverPod;
  readonly container: Container;
  /** `now`: it does not run; `lately`: it runs again, for less than a day; `old`: longer. */
  readonly when: 'never' | 'now' | 'lately' | 'old' | 'unknown';
  /** What tells when, beside the container's state. */
  readonly clock?: Known<number>;
}

const DAY_S = 86_400;

export function killOf({ driver }: InPods, { pod, container }: InPods['live'][number]): Kill {
  if (!wasKilledForMemory(container)) return { pod, container, when: 'never' };
  if (isEnding(container)) return { pod, container, when: 'now' };
  const clock = driver.clocks[pod.node ?? ''];
  const atS = container.ended?.atS;
  if (!clock?.known || atS === undefined) return { pod, container, when: 'unknown' };
  return { pod, container, clock, when: clock.value - atS < DAY_S ? 'lately' : 'old' };
}

export function killEvidence({ driver, pods }: InPods, { pod, container, when, clock }: Kill): Evidence[] {
  const text = `${container.name} of ${pod.name} on ${pod.node}: ended ${container.restarts} times, last as OOMKilled (exit code ${container.ended?.exitCode}), at a limit of ${limitText(container.limitBytes)}`;
  switch (when) {
    case 'never':
      return [];
    case 'now':
      return [bad(text, pods)];
    case 'unknown': {
      const seen = driver.clocks[pod.node ?? ''];
      return seen === undefined || seen.known
        ? [bad(text, pods)]
        : notSeen(`When ${container.name} was killed on ${pod.node}`, [seen]);
    }
    case 'lately':
      return [bad(text, pods, ...(clock === undefined ? [] : [clock]))];
    case 'old':
      return [ok(`${text}; it has run for more than a day since`, pods, ...(clock === undefined ? [] : [clock]))];
  }
}

export function limitText(bytes: number | undefined): string {
  return bytes === undefined ? 'nothing' : quantityOf(bytes);
}

export function recent(kills: readonly Kill[]): readonly Kill[] {
  return kills.filter(({ when }) => when === 'now' || when === 'lately');
}

/** One clock proves one kill that is over; a container that does not run proves it by itself. */
export function clocksOf(kills: readonly Kill[]): readonly Known<unknown>[] {
  if (kills.some(({ when }) => when === 'now')) return [];
  return kills.flatMap(({ clock }) => clock ?? []).slice(0, 1);
}

export function places(of: readonly { readonly pod: DriverPod }[]): string {
  return [...new Set(of.flatMap(({ pod }) => pod.node ?? []))].toSorted().join(', ');
}
