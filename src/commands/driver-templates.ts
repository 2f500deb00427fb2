import { z } from 'zod';
import { defineRead, kubernetes } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';
import { bytesOf } from '../core/quantity.ts';
import { PVS } from './cluster.ts';
import type { Memory } from './container-memory.ts';
import { Amounts, itemsOf, memoryOf, SpecContainer } from './container-memory.ts';

const LIMIT_RANGES: Resource = { apiVersion: 'v1', plural: 'limitranges', namespaced: true };
const DAEMON_SETS: Resource = { apiVersion: 'apps/v1', plural: 'daemonsets', namespaced: true };
const DEPLOYMENTS: Resource = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true };

/** A container as the template of its workload has it: before LimitRanges and admission. */
export interface TemplateContainer extends Memory {
  readonly name: string;
}

const DriverWorkload = z
  .object({
    metadata: z.object({ name: z.string(), namespace: z.string() }),
    spec: z.object({
      replicas: z.number().optional(),
      template: z.object({ spec: z.object({ containers: z.array(SpecContainer) }) }),
    }),
    status: z.object({ desiredNumberScheduled: z.number().optional() }).prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    /** Nodes on which a DaemonSet wants a pod. */
    ...(status.desiredNumberScheduled !== undefined && { wanted: status.desiredNumberScheduled }),
    /** Of a Deployment. */
    ...(spec.replicas !== undefined && { replicas: spec.replicas }),
    containers: spec.template.spec.containers.map(({ name, resources }): TemplateContainer => ({ name, ...memoryOf(resources) })),
  }));
export type DriverWorkload = z.output<typeof DriverWorkload>;

export const driverDaemonSets = (namespace: string) => driverWorkloads(DAEMON_SETS, namespace);
export const driverDeployments = (namespace: string) => driverWorkloads(DEPLOYMENTS, namespace);

function driverWorkloads(resource: Resource, namespace: string) {
  return defineRead<readonly DriverWorkload[]>({
    asks: `What do the templates of the ${resource.plural} in ${namespace} say?`,
    command: kubernetes({ verb: 'list', resource, namespace }),
    answers: [0],
    parse: itemsOf(DriverWorkload),
  });
}

/** What a namespace gives to containers that say nothing themselves, and what it allows them. */
export interface LimitRange {
  readonly name: string;
  readonly defaultLimitBytes?: number;
  readonly minimumBytes?: number;
  readonly maximumBytes?: number;
}

const RawLimitRange = z
  .object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
      limits: z.array(z.object({ type: z.string(), default: Amounts, defaultRequest: Amounts, min: Amounts, max: Amounts })),
    }),
  })
  .transform(({ metadata, spec }): LimitRange => {
    const ofContainers = spec.limits.filter(({ type }) => type === 'Container');
    const [limit, least, most] = (['default', 'min', 'max'] as const).map(
      (key) => ofContainers.find((each) => each[key].memory !== undefined)?.[key].memory,
    );
    return {
      name: metadata.name,
      ...(limit !== undefined && { defaultLimitBytes: bytesOf(limit) }),
      ...(least !== undefined && { minimumBytes: bytesOf(least) }),
      ...(most !== undefined && { maximumBytes: bytesOf(most) }),
    };
  });

export function limitRanges(namespace: string) {
  return defineRead<readonly LimitRange[]>({
    asks: `Which limits does ${namespace} give to containers that have none?`,
    command: kubernetes({ verb: 'list', resource: LIMIT_RANGES, namespace }),
    answers: [0],
    parse: itemsOf(RawLimitRange),
  });
}

/** A volume of any driver. */
export interface DriverVolume {
  readonly name: string;
  readonly driver?: string;
  /** A node needs a secret to open it, and with LUKS about a gibibyte of memory for a moment. */
  readonly encrypted: boolean;
}

const RawVolume = z
  .object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
      csi: z.object({ driver: z.string(), nodeStageSecretRef: z.object({ name: z.string() }).optional() }).optional(),
    }),
  })
  .transform(
    ({ metadata, spec: { csi } }): DriverVolume => ({
      name: metadata.name,
      ...(csi !== undefined && { driver: csi.driver }),
      encrypted: csi?.nodeStageSecretRef !== undefined,
    }),
  );

export function driverVolumes() {
  return defineRead<readonly DriverVolume[]>({
    asks: 'Which volumes does each driver have, and which of them are encrypted?',
    command: kubernetes({ verb: 'list', resource: PVS }),
    answers: [0],
    parse: itemsOf(RawVolume),
  });
}
