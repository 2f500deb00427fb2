import { z } from 'zod';
import type { Failure, Outcome, Output } from '../../core/output.ts';

export type Role = 'read' | 'change';

/** What the API server answered. */
export interface Answer {
  readonly code: number;
  readonly body: string;
}

const Cause = z.looseObject({ field: z.string().default(''), message: z.string().default('') });
const Details = z.looseObject({ name: z.string().default(''), kind: z.string().default(''), causes: z.array(Cause).default([]) });
const Status = z.looseObject({
  kind: z.literal('Status'),
  message: z.string().default(''),
  reason: z.string().default(''),
  details: Details.optional(),
});
type Status = z.output<typeof Status>;

/** The answer as kubectl would have printed it, or the reason why it is none. */
export function outcomeOf({ code, body }: Answer, role: Role, form: 'json' | 'text' = 'json'): Outcome {
  if (form === 'text' && code >= 200 && code < 300) return { exitCode: 0, stdout: body, stderr: '' };
  const document = parse(body);
  if (code >= 200 && code < 300) return document === undefined ? notWhole(code) : { exitCode: 0, stdout: body, stderr: '' };
  const parsed = Status.safeParse(document);
  if (!parsed.success) return withoutStatus(code, role);
  if (code === 401) return loginRefused(role);
  if (code === 403) return forbidden(parsed.data.message);
  if (code >= 500) return brokenInside(code, parsed.data);
  return refused(errorText(parsed.data));
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function refused(text: string): Output {
  return { exitCode: 1, stdout: '', stderr: `${text.trimEnd()}\n` };
}

/** The wording of kubectl (k8s.io/kubectl/pkg/cmd/util/helpers.go). */
function errorText(status: Status): string {
  if (status.reason === 'Invalid') return invalidText(status);
  return status.reason === ''
    ? `Error from server: ${status.message}`
    : `Error from server (${status.reason}): ${status.message}`;
}

function invalidText({ details, message }: Status): string {
  if (details === undefined) return `The request is invalid: ${message}`;
  const subject = details.kind === '' && details.name === '' ? 'The request' : `The ${details.kind} "${details.name}"`;
  const causes = [...new Set(details.causes.map((cause) => `${cause.field}: ${cause.message}`))];
  if (causes.length < 2) return [`${subject} is invalid`, ...causes].join(': ');
  return `${subject} is invalid: \n${causes.map((cause) => `* ${cause}\n`).join('')}`;
}

function withoutStatus(code: number, role: Role): Outcome {
  if (code === 401) return loginRefused(role);
  if (code === 403) return forbidden('something in front of the API server refuses this request');
  if (code === 404) return refused('Error from server (NotFound): the server could not find the requested resource');
  return {
    failed: code === 504 ? 'timed-out' : 'cut',
    says: `It answered with HTTP status ${code} and not in the form of a Kubernetes API server.`,
    toDo: 'Check that the address is that of the API server, and the proxy or load balancer in front of it.',
  };
}

function notWhole(code: number): Failure {
  return {
    failed: 'cut',
    says: `It answered with HTTP status ${code}, but its answer ends early or is not JSON.`,
    toDo: 'Look again; if it stays, check the proxy or load balancer in front of the API server.',
  };
}

function loginRefused(role: Role): Failure {
  return {
    failed: 'login-refused',
    says: `The API server does not accept the credentials of the ${role === 'read' ? 'reading' : 'changing'} identity.`,
    toDo: 'Give it a valid token or client certificate: the present one has expired or was revoked.',
  };
}

const deniedByRoles =
  /User "(?<user>[^"]+)" cannot (?<verb>\w+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?<where>.*)/;

function forbidden(message: string): Failure {
  const { user, verb, resource, group, where } = deniedByRoles.exec(message)?.groups ?? {};
  const [, namespace] = / in the namespace "([^"]+)"/.exec(where ?? '') ?? [];
  const clusterWide = 'a ClusterRole and its ClusterRoleBinding';
  const role = namespace === undefined ? clusterWide : `a Role and its RoleBinding in namespace ${namespace}`;
  return {
    failed: 'forbidden',
    says: `The API server refuses: ${message}`,
    toDo:
      verb === undefined
        ? 'Read the reason; a role or an admission rule must allow this.'
        : `Grant "${user}" the verb "${verb}" on resource "${resource}" of API group "${group}" with ${role}.`,
  };
}

function brokenInside(code: number, { reason, message }: Status): Failure {
  return {
    failed: code === 504 ? 'timed-out' : 'cut',
    says: `The API server failed inside (HTTP status ${code}, ${reason || 'no reason given'}): ${message}`,
    toDo: 'Check the API server and its etcd; whether the request had an effect is not known.',
  };
}
