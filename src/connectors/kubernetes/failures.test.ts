import { expect, test } from 'vitest';
import { failureOf } from './failures.ts';

const about = { where: 'https://127.0.0.1:6443', timeoutMs: 5_000 };

function fetchFailed(code: string, syscall: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('a secret'), { code, syscall }) });
}

test.each(['ETIMEDOUT', 'EHOSTUNREACH'])(
  '%s means "never arrived" only while connecting: later a change may have arrived',
  (code) => {
    expect(failureOf(fetchFailed(code, 'connect'), about).failed).toBe('unreachable');
    expect(failureOf(fetchFailed(code, 'read'), about).failed).toBe('cut');
    expect(failureOf(fetchFailed(code, 'write'), about).failed).toBe('cut');
  },
);
