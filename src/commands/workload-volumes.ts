import { z } from 'zod';
import { defineChange, defineRead, kubernetes } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { Resource } from '../core/kubernetes.ts';

const PVS: Resource = { apiVersion: 'v1', plural: 'persistentvolumes', namespaced: false };
const PVCS: Resource = { apiVersion: 'v1', plural: 'persistentvolumeclaims', namespaced: true };

export type UserKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob';

const RESOURCES: Readonly<Record<UserKind, Resource>> = {
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true },
  StatefulSet: { apiVersion: 'apps/v1', plural: 'statefulsets', namespaced: true },
  DaemonSet: { apiVersion: 'apps/v1', plural: 'daemonsets', namespaced: true },
  CronJob: { apiVersion: 'batch/v1', plural: 'cronjobs', namespaced: true },
};

/** A volume of a pod's template with every field that it has, since a change of one must send all. */
const WholeVolume = z.looseObject({
  name: z.string(),
  persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
  nfs: z.looseObject({ server: z.string(), path: z.string() }).optional(),
  csi: z.looseObject({ volumeAttributes: z.record(z.string(), z.string()).optional() }).optional(),
});
export type WholeVolume = z.output<typeof WholeVolume>;

const Annotations = z.record(z.string(), z.string()).default({});

const Template = z.object({
  metadata: z.object({ annotations: Annotations }).prefault({}),
  spec: z.object({
    volumes: z.array(WholeVolume).default([]),
    securityContext: z.object({ fsGroup: z.number().optional() }).optional(),
  }),
});

/** What the bot notes at what it stops: how it ran before. */
const NOTE = 'storagebot/ran-before';

/** And for what it was stopped, where others than the users of a volume are. */
const REASON = 'storagebot/stopped-for';

/** The uid of the claim that the bot once let it use in place of another: it stays where that is taken back. */
const MOVED = 'storagebot/moved-to';

/** Services for which the site's own policy lets each pod wait before it starts: `postgresql.dbaas:5432,redis.redis:6379`. */
const WAIT_FOR = 'dependency.kyverno.io/wait-for';

const Metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string().optional(),
  annotations: Annotations,
  ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
  generation: z.number().optional(),
});

const User = z
  .object({
    metadata: Metadata,
    spec: z.union([
      z.object({ jobTemplate: z.object({ spec: z.object({ template: Template }) }), suspend: z.boolean().default(false) }),
      z.object({
        template: Template,
        replicas: z.number().default(1),
        strategy: z.object({ type: z.string().optional() }).optional(),
      }),
    ]),
  })
  .transform(({ metadata: { name, namespace, uid, annotations, ownerReferences, generation }, spec }) => ({
    name,
    namespace,
    ...(uid !== undefined && { uid }),
    /** What made it, and would undo what somebody else changes. */
    owner: ownerReferences[0],
    /** How often it runs: its replicas, or for a CronJob 0 where it is suspended and 1 where not. */
    runs: 'jobTemplate' in spec ? (spec.suspend ? 0 : 1) : spec.replicas,
    /** How often it ran before the bot stopped it; absent where the bot did not. */
    ranBefore: noted(annotations[NOTE]),
    /** For what the bot stopped it: `database dbaas/pg-cluster/linkwarden`. */
    stoppedFor: annotations[REASON],
    /** The uid of the claim to which the bot moved it last, also where it uses another one again. */
    ...(annotations[MOVED] !== undefined && { movedTo: annotations[MOVED] }),
    /** One more with each change of what it is to be. */
    ...(generation !== undefined && { generation }),
    /** How a Deployment changes its pods: `Recreate`, where it says so. */
    ...('strategy' in spec && spec.strategy?.type !== undefined && { strategy: spec.strategy.type }),
    ...ofTemplate('jobTemplate' in spec ? spec.jobTemplate.spec.template : spec.template),
  }));

function ofTemplate({ metadata: { annotations }, spec: { volumes, securityContext } }: z.output<typeof Template>) {
  const { fsGroup } = securityContext ?? {};
  const services = (annotations[WAIT_FOR] ?? '').split(',').map((each) => each.trim());
  return { volumes, waitsFor: services.filter((each) => each !== ''), ...(fsGroup !== undefined && { fsGroup }) };
}

function noted(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text)) throw new Error(`${NOTE} is no number: ${text.slice(0, 100)}`);
  return Number(text);
}

export type User = z.output<typeof User> & { readonly kind: UserKind };

/** All of one kind that can use volumes, with their volumes as they are written; by the same line as the plain lists. */
export function usersOfKind(kind: UserKind) {
  const resource = RESOURCES[kind];
  return defineRead<readonly User[]>({
    asks: `Which ${resource.plural} does the cluster have?`,
    command: kubernetes({ verb: 'list', resource }),
    answers: [0],
    parse: ({ stdout }) =>
      z
        .object({ items: z.array(User) })
        .parse(JSON.parse(stdout))
        .items.map((user) => ({ kind, ...user })),
  });
}

const WholePersistentVolume = z
  .object({
    metadata: z.object({ name: z.string() }),
    spec: z.looseObject({
      capacity: z.record(z.string(), z.string()),
      accessModes: z.array(z.string()),
      storageClassName: z.string().optional(),
      mountOptions: z.array(z.string()).optional(),
      volumeMode: z.string().optional(),
      claimRef: z.object({ namespace: z.string(), name: z.string() }).optional(),
      nfs: z.looseObject({ server: z.string(), path: z.string() }).optional(),
      csi: z.looseObject({ driver: z.string(), volumeAttributes: z.record(z.string(), z.string()).default({}) }).optional(),
    }),
  })
  .transform(({ metadata: { name }, spec }) => ({ name, spec }));
export type WholePersistentVolume = z.output<typeof WholePersistentVolume>;

/** The volumes of the cluster with every field of theirs, to make another one like them. */
export function wholeVolumes() {
  return defineRead<readonly WholePersistentVolume[]>({
    asks: 'Which persistentvolumes does the cluster have?',
    command: kubernetes({ verb: 'list', resource: PVS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(WholePersistentVolume) }).parse(JSON.parse(stdout)).items,
  });
}

export type UserName = Pick<User, 'kind' | 'namespace' | 'name'>;

export interface UserState {
  /** As `User.runs` has it. */
  readonly runs: number;
  /** What is noted at it; without one the note is taken away. */
  readonly ranBefore?: number;
  /** What is noted beside that; null takes it away, and left as it is where there is none. */
  readonly stoppedFor?: string | null;
  /** The uid of the claim that is among `volumes` from now on; what was noted stays where there is none. */
  readonly movedTo?: string;
  /** The list as a whole; left as it is where there is none. */
  readonly volumes?: readonly WholeVolume[];
}

/** Stops, starts or moves whoever uses a volume: how often it runs, the bot's note of that, and its volumes at once. */
export function setUser({ kind, namespace, name }: UserName, { runs, ranBefore, stoppedFor, movedTo, volumes }: UserState) {
  const isCron = kind === 'CronJob';
  const template = volumes === undefined ? {} : { template: { spec: { volumes } } };
  const inJob = volumes === undefined ? {} : { jobTemplate: { spec: template } };
  const spec = isCron ? { suspend: runs === 0, ...inJob } : { replicas: runs, ...template };
  const notes = {
    [NOTE]: ranBefore === undefined ? null : `${ranBefore}`,
    ...(stoppedFor !== undefined && { [REASON]: stoppedFor }),
    ...(movedTo !== undefined && { [MOVED]: movedTo }),
  };
  const patch = { metadata: { annotations: notes }, spec };
  const resource = RESOURCES[requireScalable(kind)];
  return defineChange({ command: kubernetes({ verb: 'patch', resource, namespace, name, patch }, 15_000), risk: 'high' });
}

function requireScalable(kind: UserKind): UserKind {
  if (kind !== 'DaemonSet') return kind;
  throw new Refusal('bad-request', 'A DaemonSet runs on every node: it cannot be stopped and started again');
}

const LABELS = { 'app.kubernetes.io/managed-by': 'storagebot' };

export function createVolume(name: string, spec: Readonly<Record<string, unknown>>) {
  const named = { resource: PVS, kind: 'PersistentVolume', name: requireOwnName(name) };
  return defineChange({ command: kubernetes({ verb: 'create', ...named, labels: LABELS, spec }, 15_000), risk: 'normal' });
}

export function createClaim(namespace: string, name: string, spec: Readonly<Record<string, unknown>>) {
  const named = { resource: PVCS, kind: 'PersistentVolumeClaim', namespace, name: requireOwnName(name) };
  return defineChange({ command: kubernetes({ verb: 'create', ...named, labels: LABELS, spec }, 15_000), risk: 'normal' });
}

/** Only of a volume that the bot made: its name says so. What it shows is not touched. */
export function deleteVolume(name: string) {
  const named = { resource: PVS, name: requireOwnName(name) };
  return defineChange({
    command: kubernetes({ verb: 'delete', ...named, propagationPolicy: 'Foreground' }, 15_000),
    risk: 'high',
  });
}

export function deleteClaim(namespace: string, name: string) {
  const named = { resource: PVCS, namespace, name: requireOwnName(name) };
  return defineChange({
    command: kubernetes({ verb: 'delete', ...named, propagationPolicy: 'Foreground' }, 15_000),
    risk: 'high',
  });
}

function requireOwnName(name: string): string {
  if (name.length <= 253 && /^[a-z0-9][a-z0-9.-]*-storagebot-[a-z0-9-]*[a-z0-9]$/.test(name)) return name;
  throw new Refusal('bad-request', `${JSON.stringify(name.slice(0, 300))} is no name of this bot: …-storagebot-…`);
}
