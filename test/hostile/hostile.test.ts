import { describe, expect, test } from 'vitest';
import { peer } from '../peers.ts';
import { Count } from './count.ts';
import { throughRealShells } from './far-shell.ts';
import { hostileOutputs } from './outputs.ts';
import { hostileParameters } from './parameters.ts';
import { hostileRequests } from './requests.ts';
import { hostileScreens } from './screens.ts';

const count = new Count();
const sshd = peer('sshd');
const keygen = peer('ssh-keygen');

hostileRequests(count);
hostileParameters(count);
hostileOutputs(count);
hostileScreens(count);

describe.skipIf(!sshd.found || !keygen.found)('a hostile argument or input line that a real sshd hands to a real shell', () => {
  throughRealShells(sshd.found ? sshd.path : '', count);

  test('was one of at least 5,000 different ones', () => {
    expect(count.of('shell')).toBeGreaterThanOrEqual(5_000);
  });
});

test('at least 100,000 hostile texts went through all of this', () => {
  expect(count.total).toBeGreaterThanOrEqual(100_000);
});
