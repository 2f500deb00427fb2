import { z } from 'zod';
import { defineRead, kubernetes } from '../core/command.ts';
import { linesOf } from './bounded.ts';
import { PODS } from './cluster.ts';
import type { Memory } from './container-memory.ts';
import { itemsOf, memoryOf, Resources, SpecContainer } from './container-memory.ts';

const Ended = z.object({ reason: z.string().default(''), exitCode: z.number(), finishedAt: z.string().nullish() });
const State = z
  .object({
    waiting: z.object({ reason: z.string().default(''), message: z.string().optional() }).optional(),
    running: z.object({ startedAt: z.string().nullish() }).optional(),
    terminated: Ended.optional(),
  })
  .prefault({});
const Status = z.object({
  name: z.string(),
  ready: z.boolean(),
  restartCount: z.number(),
  state: State,
  lastState: State,
});

const DriverPod = z
  .object({
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      uid: z.string(),
      deletionTimestamp: z.string().optional(),
      ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
    }),
    spec: z.object({
      nodeName: z.string().optional(),
      hostNetwork: z.boolean().default(false),
      containers: z.array(SpecContainer),
    }),
    status: z
      .object({
        phase: z.string().default('Unknown'),
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
        containerStatuses: z.array(Status).default([]),
      })
      .prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    owner: metadata.ownerReferences[0],
    terminating: metadata.deletionTimestamp !== undefined,
    node: spec.nodeName,
    hostNetwork: spec.hostNetwork,
    phase: status.phase,
    ready: status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    containers: spec.containers.map(({ name, resources }) =>
      containerOf(
        name,
        resources,
        status.containerStatuses.find((each) => each.name === name),
      ),
    ),
  }));
export type DriverPod = z.output<typeof DriverPod>;

/** How a run of a container ended. */
export interface Ending {
  /** `OOMKilled`, `Error`, `Completed` … */
  readonly reason: string;
  readonly exitCode: number;
  /** Seconds since 1970; absent where kubelet does not know. */
  readonly atS?: number;
}

/** Its memory as it is live: after LimitRanges and admission. */
export interface Container extends Memory {
  readonly name: string;
  readonly ready: boolean;
  readonly runs: boolean;
  readonly restarts: number;
  /** `CrashLoopBackOff`, `ContainerCreating` … while it does not run. */
  readonly waits?: string;
  /** How its last run ended: the present one if that is over, else the one before. An OOM kill stands here and in no event. */
  readonly ended?: Ending;
}

function containerOf(
  name: string,
  resources: z.output<typeof Resources>,
  status: z.output<typeof Status> | undefined,
): Container {
  const ended = status?.state.terminated ?? status?.lastState.terminated;
  const waits = status?.state.waiting?.reason;
  return {
    name,
    ...memoryOf(resources),
    ready: status?.ready ?? false,
    runs: status?.state.running !== undefined,
    restarts: status?.restartCount ?? 0,
    ...(waits !== undefined && { waits }),
    ...(ended !== undefined && { ended: endingOf(ended) }),
  };
}

function endingOf({ reason, exitCode, finishedAt }: z.output<typeof Ended>): Ending {
  return { reason, exitCode, ...(typeof finishedAt === 'string' && { atS: Date.parse(finishedAt) / 1000 }) };
}

/** Pods with the states of their containers: of a driver, all in one namespace. */
export function driverPods(namespace: string) {
  return defineRead<readonly DriverPod[]>({
    asks: `How are the containers in ${namespace}?`,
    command: kubernetes({ verb: 'list', resource: PODS, namespace }),
    answers: [0],
    parse: itemsOf(DriverPod),
  });
}

interface LogOf {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

const LINES = 40;

/** The last lines of a container: of its present run, or of the one before; none where there was none before. */
export function containerLog({ namespace, pod, container }: LogOf, run: 'present' | 'previous') {
  const previous = run === 'previous';
  return defineRead<readonly string[]>({
    asks: `What did ${container} of ${namespace}/${pod} say${previous ? ' before it ended' : ''}?`,
    command: kubernetes({ verb: 'logs', namespace, name: pod, container, previous, tailLines: LINES }),
    answers: previous ? [0, 1] : [0],
    parse: ({ exitCode, stdout, stderr }) => {
      if (exitCode === 0) return linesOf(stdout);
      if (/previous terminated container "[^"]*" in pod "[^"]*" not found/.test(stderr)) return [];
      throw new Error(stderr);
    },
  });
}
