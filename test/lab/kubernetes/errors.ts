import type { Resource } from '../../../src/core/kubernetes.ts';
import { groupOf, qualified } from './resources.ts';

interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

/** A refusal of the API server, with the wording of the real one. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly details: object | undefined;
  constructor(code: number, reason: string, about: { readonly message: string; readonly details?: object }) {
    super(about.message);
    this.code = code;
    this.reason = reason;
    this.details = about.details;
  }
}

/** The Status object that tells a client of this error. */
export function statusOf({ code, reason, message, details }: ApiError): object {
  const shown = details === undefined ? {} : { details };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...shown, code };
}

export function notFound(resource: Resource, name: string): ApiError {
  return new ApiError(404, 'NotFound', {
    message: `${qualified(resource)} "${name}" not found`,
    details: detailsOf(resource, name),
  });
}

export function alreadyExists(resource: Resource, name: string): ApiError {
  const message = `${qualified(resource)} "${name}" already exists`;
  return new ApiError(409, 'AlreadyExists', { message, details: detailsOf(resource, name) });
}

export function modified(resource: Resource, name: string): ApiError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(resource, `${qualified(resource)} "${name}"`, { name, why });
}

/** The API server names the kind here, not the plural (staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go). */
export function wrongUid(
  resource: Resource & { readonly kind: string },
  name: string,
  uids: { asked: string; found: string },
): ApiError {
  const why =
    `the UID in the precondition (${uids.asked}) does not match the UID in record (${uids.found}). ` +
    'The object might have been deleted and then recreated';
  const kind = [resource.kind, groupOf(resource)].filter((part) => part !== '').join('.');
  return conflict({ ...resource, plural: resource.kind }, `${kind} "${name}"`, { name, why });
}

function conflict(resource: Resource, subject: string, { name, why }: { name: string; why: string }): ApiError {
  const message = `Operation cannot be fulfilled on ${subject}: ${why}`;
  return new ApiError(409, 'Conflict', { message, details: detailsOf(resource, name) });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', { message });
}

export function wrongMethod(): ApiError {
  const message = 'the server does not allow this method on the requested resource';
  return new ApiError(405, 'MethodNotAllowed', { message, details: {} });
}

export function wrongMediaType(): ApiError {
  const known = 'application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json';
  const message = `the body of the request was in an unknown format - accepted media types include: ${known}`;
  return new ApiError(415, 'UnsupportedMediaType', { message, details: {} });
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', { message: 'Unauthorized' });
}

export function invalid(resource: Resource & { readonly kind: string }, name: string, causes: readonly Cause[]): ApiError {
  const list = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = list.length === 1 ? list[0] : `[${list.join(', ')}]`;
  const group = groupOf(resource);
  const subject = [resource.kind, group].filter((part) => part !== '').join('.');
  const details = { name, ...(group === '' ? {} : { group }), kind: resource.kind, causes };
  return new ApiError(422, 'Invalid', { message: `${subject} "${name}" is invalid: ${text}`, details });
}

export function budgetForbids(causes: readonly Cause[]): ApiError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  return new ApiError(429, 'TooManyRequests', { message, details: { causes } });
}

export function detailsOf(resource: Resource, name?: string): object {
  const group = groupOf(resource);
  return { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource.plural };
}
