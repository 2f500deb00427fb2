import { z } from 'zod';
import { defineRead, prometheus } from '../core/command.ts';
import type { Output } from '../core/output.ts';

/** How full a claim is, as the kubelets that have it mounted measured last. */
export interface ClaimUsage {
  readonly namespace: string;
  readonly claim: string;
  readonly capacityBytes: number;
  /** What programs can still write; ext4 keeps some back for root. */
  readonly availableBytes: number;
  /** Absent where the driver does not count files. */
  readonly inodes?: number;
  readonly inodesUsed?: number;
}

const USAGE = '{__name__=~"kubelet_volume_stats_(available_bytes|capacity_bytes|inodes|inodes_used)"}';

/** Claims that no pod has mounted are not measured. Several nodes may measure one claim: the largest figure counts. */
export function claimUsage() {
  return defineRead<readonly ClaimUsage[]>({
    asks: 'How full are the claims that are mounted?',
    command: prometheus(`max by (__name__, namespace, persistentvolumeclaim) (${USAGE})`),
    answers: [0],
    parse: (output) => parseClaimUsage(output),
  });
}

/** A figure of one claim. */
export interface ClaimFigure {
  readonly namespace: string;
  readonly claim: string;
  readonly value: number;
}

/** As PromQL writes them. */
export type Window = '6h' | '1d' | '7d';

const AVAILABLE = 'kubelet_volume_stats_available_bytes';

/**
 * Bytes a second by which the free space of each claim grew, negative where it shrank: the slope of a straight line through the window. What a
 * node measured that has it no longer mounted, maybe of another disk of that name, is left out here and below.
 */
export function claimGrowth(window: Window) {
  return claimFigures(
    `How fast did claims fill up over the last ${window}?`,
    `min by (namespace, persistentvolumeclaim) (deriv(${AVAILABLE}[${window}]) and ${AVAILABLE})`,
  );
}

/** The free bytes of each claim at the beginning of the window; a claim without one has less history than that where it is mounted now. */
export function claimsBefore(window: Window) {
  return claimFigures(
    `How much was free in each claim ${window} ago?`,
    `min by (namespace, persistentvolumeclaim) (${AVAILABLE} offset ${window} and ${AVAILABLE})`,
  );
}

function claimFigures(asks: string, query: string) {
  return defineRead<readonly ClaimFigure[]>({
    asks,
    command: prometheus(query),
    answers: [0],
    parse: (output) => samplesOf(output).map(({ labels, value }) => ({ ...claimOf(labels), value })),
  });
}

/** What the job that takes snapshots of the site's thin pool reports of it. */
const POOL_FREE = 'lvm_snapshot_thinpool_free_pct{job="lvm-pvc-snapshot"}';

/** Percent a second by which the free part of the thin pool grew; undefined where nothing reports it. */
export function poolGrowth(window: Window) {
  return oneFigure(`How fast did the thin pool fill up over the last ${window}?`, `max(deriv(${POOL_FREE}[${window}]))`);
}

/** Percent of the thin pool that were free at the beginning of the window; undefined where nothing reported it then. */
export function poolFreeBefore(window: Window) {
  return oneFigure(`How much of the thin pool was free ${window} ago?`, `max(${POOL_FREE} offset ${window})`);
}

function oneFigure(asks: string, query: string) {
  return defineRead<number | undefined>({
    asks,
    command: prometheus(query),
    answers: [0],
    parse: (output) => parseFigure(output),
  });
}

export function parseFigure(output: Output): number | undefined {
  const samples = samplesOf(output);
  if (samples.length > 1) throw new Error('an aggregation without labels gives one figure');
  return samples[0]?.value;
}

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Seconds since 1970 by the clock of Prometheus. */
  readonly atS: number;
}

/** An instant has one value for each series; a range or a scalar was not asked for. */
const Vector = z.object({
  resultType: z.literal('vector'),
  result: z.array(
    z.object({
      metric: z.record(z.string(), z.string()),
      value: z.tuple([
        z.number(),
        z
          .string()
          .regex(/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/, 'is no finite number')
          .transform(Number),
      ]),
    }),
  ),
});

/** What the server warned of may be missing from the answer, so that nothing can be read out of it. */
export function samplesOf({ stdout, stderr }: Output): readonly Sample[] {
  const warning = /^warning: .*$/m.exec(stderr)?.[0];
  if (warning !== undefined) throw new Error(`its answer may not be whole: ${warning}`);
  return Vector.parse(JSON.parse(stdout)).result.map(({ metric, value: [atS, value] }) => ({ labels: metric, value, atS }));
}

function claimOf({ namespace, persistentvolumeclaim: claim }: Labels): Pick<ClaimUsage, 'namespace' | 'claim'> {
  if (namespace === undefined || claim === undefined) throw new Error('a figure of no claim');
  return { namespace, claim };
}

const NAMES = ['available_bytes', 'capacity_bytes', 'inodes', 'inodes_used'] as const;
type Name = (typeof NAMES)[number];

export function parseClaimUsage(output: Output): ClaimUsage[] {
  const figures = samplesOf(output).map(({ labels, value }) => ({ ...claimOf(labels), name: nameOf(labels), value }));
  if (figures.length === 0) throw new Error('it measures no claim at all: does it scrape the kubelets?');
  const groups = Map.groupBy(figures, ({ namespace, claim }) => `${namespace}/${claim}`);
  return [...groups.values()].map((group) => {
    const of = (name: Name) => group.find((each) => each.name === name)?.value;
    const [{ namespace, claim } = { namespace: '', claim: '' }] = group;
    const [availableBytes, capacityBytes, inodes, inodesUsed] = NAMES.map(of);
    if (availableBytes === undefined || capacityBytes === undefined || capacityBytes <= 0)
      throw new Error(`no free space and size of ${namespace}/${claim}`);
    const files = inodes === undefined || inodesUsed === undefined || inodes <= 0 ? {} : { inodes, inodesUsed };
    return { namespace, claim, capacityBytes, availableBytes, ...files };
  });
}

function nameOf({ __name__ = '' }: Labels): Name {
  const name = NAMES.find((each) => __name__ === `kubelet_volume_stats_${each}`);
  if (name === undefined) throw new Error(`a figure that was not asked for: ${__name__}`);
  return name;
}
