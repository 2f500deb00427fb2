import { describe, expect, test } from 'vitest';
import { leftOut, portion } from '../depth.ts';
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

  test('was one of thousands of different ones', () => {
    expect(count.of('shell')).toBeGreaterThanOrEqual(portion(5_000));
  });
});

test('as many hostile texts as are asked for went through all of this', () => {
  expect(count.total).toBeGreaterThanOrEqual(portion(100_000));
});

leftOut(
  'fifteen of sixteen hostile texts',
  '100,000 of them, 5,000 of these through a real sshd, take a minute; a mebibyte was given to 40 parsers',
);
