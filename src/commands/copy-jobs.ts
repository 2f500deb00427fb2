import { z } from 'zod';
import { defineRead, kubernetes } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';
import type { Copied } from './copy-scripts.ts';
import { MIGRATE_COPY, parseCopied } from './copy-scripts.ts';
import { claimUsage } from './prometheus.ts';
import { scriptJob } from './script-job.ts';
import type { StartedWork } from './work-unit.ts';

const JOBS: Resource = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true };
const PODS: Resource = { apiVersion: 'v1', plural: 'pods', namespaced: true };

/** Where the script tells what it copied: kubelet keeps what it finds there with the pod. */
const TOLD_AT = '/dev/termination-log';

interface CopiedClaims {
  readonly namespace: string;
  readonly source: string;
  readonly target: string;
}

export interface FailedCopy {
  /** Of its Job. */
  readonly name: string;
  readonly failedAt: string;
}

/** A pod may write so long after its Job is said to have failed: Kubernetes gives it 30 seconds to end, and clocks differ. */
const ENDS_WITHIN_S = 120;

export interface NewCopy extends CopiedClaims {
  /** From `workNamed`. */
  readonly name: string;
  readonly deadlineS: number;
  readonly image: string;
  /** Of the claim `source`: a half copy of another one that had its name is left as it is. */
  readonly sourceUid: string;
  /** Copies into this very claim that failed: what one of them left there is brought up to date; else it must be empty. */
  readonly failed: readonly FailedCopy[];
  /** Up to how many bytes every file is hashed. */
  readonly hashedBytes: number;
  /** Who was stopped for it and since when, and into which claim: noted in the Job, so that a later look knows whether that still is so. */
  readonly stopped: string;
}

/** Copies the files of a claim into another one and compares them, as root, who alone may read and own everything. */
export function copyClaim({
  namespace,
  name,
  deadlineS,
  image,
  source,
  sourceUid,
  target,
  failed,
  hashedBytes,
  stopped,
}: NewCopy): StartedWork {
  const markOf = (job: string) => `${job} of ${sourceUid}`;
  const since = Math.max(0, ...failed.map(({ failedAt }) => Date.parse(failedAt) / 1_000 + ENDS_WITHIN_S));
  return scriptJob({
    namespace,
    name,
    deadlineS,
    risk: 'high',
    image,
    script: MIGRATE_COPY,
    args: ['/source', '/target', `${hashedBytes}`, TOLD_AT, markOf(name), `${since}`, ...failed.map((each) => markOf(each.name))],
    environment: { STOPPED: stopped },
    claims: [
      { claim: source, at: '/source', readOnly: true },
      { claim: target, at: '/target', readOnly: false },
    ],
    memory: '512Mi',
    user: 0,
    progress: filledOf(namespace, target),
  });
}

/** Kubelet measures a claim once a minute while a pod has it. */
function filledOf(namespace: string, claim: string) {
  const { command, answers, parse } = claimUsage();
  return defineRead<string>({
    asks: `How much is in ${namespace}/${claim}?`,
    command,
    answers,
    parse: (output) => {
      const found = parse(output).find((each) => each.namespace === namespace && each.claim === claim);
      if (found === undefined) return 'the new volume is not measured yet';
      return `${((found.capacityBytes - found.availableBytes) / 2 ** 30).toFixed(1)} GiB of the new volume are taken`;
    },
  });
}

const Condition = z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.iso.datetime().optional() });

const Job = z
  .object({
    metadata: z.object({ name: z.string(), creationTimestamp: z.string().default('') }),
    spec: z.object({
      template: z.object({
        spec: z.object({
          containers: z.array(
            z.object({
              command: z.array(z.string()).default([]),
              env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
              volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
            }),
          ),
          volumes: z
            .array(z.object({ name: z.string(), persistentVolumeClaim: z.object({ claimName: z.string() }).optional() }))
            .default([]),
        }),
      }),
    }),
    status: z.object({ conditions: z.array(Condition).default([]) }).prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    createdAt: metadata.creationTimestamp,
    ...ofPod(spec.template.spec),
    state: stateOf(status.conditions),
    ...failedAt(status.conditions),
  }));

type PodSpec = {
  readonly containers: readonly {
    readonly command: readonly string[];
    readonly env: readonly { readonly name: string; readonly value?: string | undefined }[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly {
    readonly name: string;
    readonly persistentVolumeClaim?: { readonly claimName: string } | undefined;
  }[];
};

function ofPod({ containers: [container], volumes }: PodSpec) {
  const claimAt = (path: string) => {
    const mount = container?.volumeMounts.find(({ mountPath }) => mountPath === path);
    return volumes.find(({ name }) => name === mount?.name)?.persistentVolumeClaim?.claimName;
  };
  return {
    isCopy: container?.command.includes(MIGRATE_COPY.name) === true,
    source: claimAt('/source'),
    target: claimAt('/target'),
    stopped: container?.env.find(({ name }) => name === 'STOPPED')?.value ?? '',
  };
}

type Conditions = readonly z.output<typeof Condition>[];

function failedAt(conditions: Conditions): Pick<CopyJob, 'failedAt'> {
  const at = conditions.find(({ type, status }) => type === 'Failed' && status === 'True')?.lastTransitionTime;
  return at === undefined ? {} : { failedAt: at };
}

function stateOf(conditions: Conditions): CopyJob['state'] {
  const is = (type: string) => conditions.some((each) => each.type === type && each.status === 'True');
  return is('Complete') ? 'complete' : is('Failed') ? 'failed' : 'running';
}

/** A Job of the bot that copied a claim into another. */
export interface CopyJob {
  readonly name: string;
  readonly createdAt: string;
  readonly source?: string | undefined;
  readonly target?: string | undefined;
  /** As `NewCopy.stopped` was. */
  readonly stopped: string;
  readonly state: 'running' | 'complete' | 'failed';
  /** Where it did, and the cluster says when. */
  readonly failedAt?: string;
}

/** The Jobs that copied or copy this claim into that one, the last of them first. */
export function copyJobs({ namespace, source, target }: CopiedClaims) {
  const labelSelector = 'app.kubernetes.io/managed-by=storagebot';
  return defineRead<readonly CopyJob[]>({
    asks: `Which Jobs copied ${namespace}/${source} into ${target}?`,
    command: kubernetes({ verb: 'list', resource: JOBS, namespace, labelSelector }),
    answers: [0],
    parse: ({ stdout }) =>
      z
        .object({ items: z.array(Job) })
        .parse(JSON.parse(stdout))
        .items.filter((job) => job.isCopy && job.source === source && job.target === target)
        .map(({ isCopy: _, ...job }) => job)
        .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
  });
}

/** How a copy ended, in the words of its pod: `gone` where that is not there any more. */
export type CopyTold =
  | { readonly is: 'complete'; readonly copied: Copied }
  | { readonly is: 'failed'; readonly says: string }
  | { readonly is: 'gone' };

const Pods = z.object({
  items: z.array(
    z.object({
      status: z
        .object({
          containerStatuses: z
            .array(
              z.object({
                state: z
                  .object({ terminated: z.object({ exitCode: z.number(), message: z.string().default('') }).optional() })
                  .default({}),
              }),
            )
            .default([]),
        })
        .prefault({}),
    }),
  ),
});

export function copyTold(namespace: string, job: string) {
  return defineRead<CopyTold>({
    asks: `What did Job ${namespace}/${job} tell at its end?`,
    command: kubernetes({ verb: 'list', resource: PODS, namespace, labelSelector: `storagebot/work=${job}` }),
    answers: [0],
    parse: ({ stdout }) => {
      const ended = Pods.parse(JSON.parse(stdout)).items.flatMap(({ status }) =>
        status.containerStatuses.flatMap(({ state }) => state.terminated ?? []),
      );
      const good = ended.find(({ exitCode }) => exitCode === 0);
      if (good !== undefined) return { is: 'complete', copied: parseCopied(good.message) };
      const last = ended.at(-1);
      return last === undefined ? { is: 'gone' } : { is: 'failed', says: last.message.trim().split('\n').at(-1) ?? '' };
    },
  });
}
