import { ApiError, detailsOf } from './errors.ts';
import { groupOf, qualified } from './resources.ts';
import type { Target } from './target.ts';

/** Who asks, and what its roles allow. */
export interface Identity {
  readonly user: string;
  /** `resource` is `pods`, `pods/eviction`, `deployments` … */
  readonly may: (verb: string, resource: string) => boolean;
}

/** Refuses with the authoriser's words what the identity may not do. */
export function requireAllowed(identity: Identity, verb: string, target: Target): void {
  const { resource, namespace, name, subresource } = target;
  const asked = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
  if (identity.may(verb, asked)) return;
  const subject = name === undefined ? qualified(resource) : `${qualified(resource)} "${name}"`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `cannot ${verb} resource "${asked}" in API group "${groupOf(resource)}" ${where}`;
  const message = `${subject} is forbidden: User "${identity.user}" ${what}`;
  throw new ApiError(403, 'Forbidden', { message, details: detailsOf(resource, name) });
}

const looking = ['get', 'list', 'watch'];

export function reader(user: string, forbidden: ReadonlySet<string>): Identity {
  return { user, may: (verb, resource) => looking.includes(verb) && !forbidden.has(resource) };
}

const CREATES = ['pods/eviction', 'jobs', 'persistentvolumes', 'persistentvolumeclaims'];

export function changer(user: string, forbidden: ReadonlySet<string>): Identity {
  const may = (verb: string, resource: string) =>
    [...looking, 'patch', 'delete'].includes(verb) || (verb === 'create' && CREATES.includes(resource));
  return { user, may: (verb, resource) => may(verb, resource) && !forbidden.has(resource) };
}

export const anonymous: Identity = { user: 'system:anonymous', may: () => false };

/** What the store itself acts as when no identity is given. */
export const administrator: Identity = { user: 'system:admin', may: () => true };
