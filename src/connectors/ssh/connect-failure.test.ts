import { describe, expect, it } from 'vitest';
import type { Failure } from '../../core/output.ts';
import type { Phase, Place } from './connect-failure.ts';
import { connectFailure } from './connect-failure.ts';

const place: Place = { host: 'nas', address: '192.0.2.7', port: 22, user: 'reader', keyFingerprint: 'SHA256:abc' };

function failure(phase: Phase, message: string, detail: { code?: string | number; level?: string } = {}): Failure {
  return connectFailure(place, { phase, error: Object.assign(new Error(message), detail) }, 5_000);
}

describe('a connection that could not be made says', () => {
  it.each<[string, Phase, { code?: string; level?: string }, string, string]>([
    ['no answer', 'connecting', { level: 'client-timeout' }, 'unreachable', 'nas (192.0.2.7:22) does not answer within 5 s.'],
    [
      'no answer by the kernel’s own deadline',
      'connecting',
      { code: 'ETIMEDOUT' },
      'unreachable',
      'nas (192.0.2.7:22) does not answer.',
    ],
    ['no route', 'connecting', { code: 'EHOSTUNREACH' }, 'unreachable', 'There is no way to nas (192.0.2.7:22) (EHOSTUNREACH)'],
    ['no network', 'connecting', { code: 'ENETUNREACH' }, 'unreachable', 'There is no way to nas (192.0.2.7:22) (ENETUNREACH)'],
    ['an unknown name', 'connecting', { code: 'ENOTFOUND' }, 'unreachable', 'The name 192.0.2.7 of nas is unknown to DNS.'],
    ['silent DNS', 'connecting', { code: 'EAI_AGAIN' }, 'unreachable', 'DNS does not answer'],
    ['another network error', 'connecting', { code: 'EACCES' }, 'unreachable', 'nas (192.0.2.7:22) cannot be reached (EACCES).'],
    ['a stalled handshake', 'handshake', { level: 'client-timeout' }, 'timed-out', 'did not finish the SSH handshake within 5 s'],
    ['a stalled login', 'login', { level: 'client-timeout' }, 'timed-out', 'did not finish the login within 5 s'],
    [
      'a refused key',
      'login',
      { level: 'client-authentication' },
      'login-refused',
      'nas does not accept the key SHA256:abc for the user reader.',
    ],
    ['a login cut short', 'login', {}, 'login-refused', 'nas closed the connection while reader was logging in (because)'],
  ])('%s', (_case, phase, detail, failed, says) => {
    expect(failure(phase, 'because', detail)).toMatchObject({ failed, says: expect.stringContaining(says) });
  });

  it('that no algorithm is shared', () => {
    const outcome = failure('handshake', 'Handshake failed: no matching C->S cipher', { level: 'handshake' });
    expect(outcome).toMatchObject({ failed: 'unreachable', says: expect.stringContaining('no SSH algorithm in common') });
  });

  it('what the far side said without its control characters', () => {
    const { says } = failure('login', 'go\u001b[2Jaway\u202e\n!', { code: 2 });
    expect(says).toContain('(go [2Jaway !)');
  });
});
