import type { Read, Risk } from '../core/command.ts';
import type { SecretKey } from '../core/databases.ts';
import { jobWork } from './work-job.ts';
import type { StartedWork } from './work-unit.ts';

/** A constant text for bash, which gets every value as an argument or from its environment and never by being pasted in. */
export interface Script {
  /** What it is called in its own messages: `$0`. */
  readonly name: string;
  readonly text: string;
}

export interface MountedClaim {
  readonly claim: string;
  /** Where it is mounted: `/backup`. */
  readonly at: string;
  readonly readOnly: boolean;
}

export interface ScriptJob {
  readonly namespace: string;
  /** From `workNamed`. */
  readonly name: string;
  readonly deadlineS: number;
  readonly risk: Risk;
  readonly image: string;
  readonly script: Script;
  readonly args: readonly string[];
  /** A value, or the key of a Secret that kubelet reads it from: no secret is written into the Job. */
  readonly environment?: Readonly<Record<string, string | SecretKey>>;
  readonly claims: readonly MountedClaim[];
  /** Of the container, as Kubernetes writes it: `256Mi`. */
  readonly memory: string;
  /** Who it runs as; the image's own user unless given. */
  readonly user?: number;
  /** Where else to look how far it is. */
  readonly progress?: Read<string>;
}

/** A script in a pod of its own, as a Job. What it wrote last before it failed is what the Job is said to have failed of. */
export function scriptJob(job: ScriptJob): StartedWork {
  const { namespace, name, deadlineS, risk, progress } = job;
  const { change, work } = jobWork({ namespace, name, deadlineS, risk, pod: podOf(job) });
  return { change, work: { ...work, ...(progress === undefined ? {} : { progress }) } };
}

function podOf({ image, script, args, environment = {}, claims, memory, user }: ScriptJob) {
  const volumes = claims.map(({ claim, readOnly }) => ({
    name: claim,
    persistentVolumeClaim: { claimName: claim, ...(readOnly ? { readOnly } : {}) },
  }));
  const container = {
    name: 'work',
    image,
    command: ['/bin/bash', '-euo', 'pipefail', '-c', script.text, script.name, ...args],
    env: Object.entries(environment).map(([key, value]) =>
      typeof value === 'string' ? { name: key, value } : { name: key, valueFrom: { secretKeyRef: { ...value } } },
    ),
    volumeMounts: claims.map(({ claim, at, readOnly }) => ({ name: claim, mountPath: at, ...(readOnly ? { readOnly } : {}) })),
    // Limits of its namespace may count both, and without them it would get whatever is left.
    resources: { requests: { cpu: '50m', memory }, limits: { memory } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: { allowPrivilegeEscalation: false },
  };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(user === undefined ? {} : { securityContext: { runAsUser: user, runAsGroup: user } }),
    containers: [container],
    volumes,
  };
}
