import { describe, expect, test } from 'vitest';
import { outcomeOf } from './answer.ts';

const status = (code: number, rest: object) => ({
  code,
  body: `${JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, ...rest })}\n`,
});

describe('what the API server answers is said as kubectl says it', () => {
  const cause = (field: string, message: string) => ({ reason: 'FieldValueForbidden', field, message });
  const shrink = {
    message: 'PersistentVolumeClaim "media" is invalid: [spec: x, spec.resources: y]',
    reason: 'Invalid',
    details: { name: 'media', kind: 'PersistentVolumeClaim', causes: [cause('spec', 'x'), cause('spec.resources', 'y')] },
  };
  test.each([
    [404, { reason: 'NotFound', message: 'pods "x" not found' }, 'Error from server (NotFound): pods "x" not found\n'],
    [
      409,
      { reason: 'AlreadyExists', message: 'pods "x" already exists' },
      'Error from server (AlreadyExists): pods "x" already exists\n',
    ],
    [429, { reason: 'TooManyRequests', message: 'Cannot evict' }, 'Error from server (TooManyRequests): Cannot evict\n'],
    [418, { message: 'odd' }, 'Error from server: odd\n'],
    [422, shrink, 'The PersistentVolumeClaim "media" is invalid: \n* spec: x\n* spec.resources: y\n'],
    [
      422,
      { ...shrink, details: { ...shrink.details, causes: [cause('spec', 'x')] } },
      'The PersistentVolumeClaim "media" is invalid: spec: x\n',
    ],
    [422, { reason: 'Invalid', message: 'odd' }, 'The request is invalid: odd\n'],
  ])('status %i', (code, rest, stderr) => {
    expect(outcomeOf(status(code, rest), 'read')).toEqual({ exitCode: 1, stdout: '', stderr });
  });

  test('a path that the server does not serve is not found', () => {
    const outcome = outcomeOf({ code: 404, body: '404 page not found\n' }, 'read');
    expect(outcome).toMatchObject({
      exitCode: 1,
      stderr: 'Error from server (NotFound): the server could not find the requested resource\n',
    });
  });

  test('a body comes back untouched', () => {
    const body = '{ "kind":"Pod",\n\t"metadata": {"name":"ä"}}\n';
    expect(outcomeOf({ code: 200, body }, 'read')).toEqual({ exitCode: 0, stdout: body, stderr: '' });
  });
});

describe('what is no answer', () => {
  const forbiddenIn = (where: string) =>
    `pods "x" is forbidden: User "bot" cannot delete resource "pods" in API group "" ${where}`;

  test('a refusal in a namespace names the role to grant there', () => {
    const outcome = outcomeOf(status(403, { reason: 'Forbidden', message: forbiddenIn('in the namespace "apps"') }), 'change');
    expect(outcome).toEqual({
      failed: 'forbidden',
      says: `The API server refuses: ${forbiddenIn('in the namespace "apps"')}`,
      toDo: 'Grant "bot" the verb "delete" on resource "pods" of API group "" with a Role and its RoleBinding in namespace apps.',
    });
  });

  test('a refusal at the cluster scope names a cluster role', () => {
    const outcome = outcomeOf(status(403, { reason: 'Forbidden', message: forbiddenIn('at the cluster scope') }), 'change');
    expect(outcome).toMatchObject({ toDo: expect.stringContaining('with a ClusterRole and its ClusterRoleBinding.') });
  });

  test('a refusal by admission is passed on in its own words', () => {
    const outcome = outcomeOf(status(403, { reason: 'Forbidden', message: 'pods "x" is forbidden: exceeded quota' }), 'change');
    expect(outcome).toMatchObject({ failed: 'forbidden', says: expect.stringContaining('exceeded quota') });
  });

  test.each([
    [401, 'Unauthorized', 'login-refused'],
    [500, 'InternalError', 'cut'],
    [503, 'ServiceUnavailable', 'cut'],
    [504, 'Timeout', 'timed-out'],
  ])('status %i %s', (code, reason, failed) => {
    expect(outcomeOf(status(code, { reason, message: 'words' }), 'change')).toMatchObject({ failed });
    expect(outcomeOf({ code, body: '<html>' }, 'change')).toMatchObject({ failed });
  });

  test.each([
    [200, '{"kind":"PodList","items":[{"meta'],
    [200, ''],
    [302, ''],
    [400, '<html>Bad request</html>'],
  ])('status %i with the body %j is cut', (code, body) => {
    expect(outcomeOf({ code, body }, 'read')).toMatchObject({ failed: 'cut' });
  });
});
