import { describe, expect, it } from 'vitest';
import { Pod } from '../../src/commands/cluster-objects.ts';
import type { Step } from '../../src/core/plan.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver, replay } from '../../src/core/reading.ts';
import { recordingOf } from '../../test/contract.ts';
import { siteOf } from '../../test/lab/record.ts';
import { cases } from './cases.ts';
import { databaseIn } from './databases.ts';
import runbook from './index.ts';
import { meaningOfTimeouts } from './timeouts.ts';

async function firstStep(
  scenario: string,
  edit: (stdout: string, line: string) => string = (stdout) => stdout,
): Promise<Step | undefined> {
  const each = cases.find((one) => one.scenario === scenario);
  if (each === undefined) throw new Error(`there is no case ${scenario}`);
  const recording = Object.entries(recordingOf(runbook, each)).map(([line, outcome]) => [
    line,
    'stdout' in outcome ? { ...outcome, stdout: edit(outcome.stdout, line) } : outcome,
  ]);
  const look = await runbook.look(runbook.fromWords(each.words), readerOver(replay(Object.fromEntries(recording))), siteOf(each));
  return stepsOf(look.plan)[0];
}

describe('a soft mount', () => {
  it('of a database needs approval of high risk, and its warning is in capitals', async () => {
    const step = await firstStep('hard-mount-database');
    expect(step?.change.risk).toBe('high');
    expect(step?.warnings?.join('\n')).toMatch(/SOFT LOSES WRITES OF A DATABASE.*immich-postgresql-\S+ \(postgresql\)/);
  });

  it('of a database that is scaled to nothing needs the same', async () => {
    const step = await firstStep('hard-mount-database', (stdout, line) =>
      line.includes('get pods') ? stdout.replaceAll('"claimName":"immich-postgresql-data"', '"claimName":"another"') : stdout,
    );
    expect(step?.change.risk).toBe('high');
    expect(step?.warnings?.join('\n')).toMatch(/SOFT LOSES WRITES OF A DATABASE.*immich\/immich-postgresql \(postgresql\)/);
  });

  it('of anything else is a normal change, and says that SQLite cannot be seen', async () => {
    const step = await firstStep('hard-mount');
    expect(step?.change.risk).toBe('normal');
    expect(step?.warnings?.join('\n')).toContain('(SQLite) cannot be seen');
  });
});

it('a volume whose path no program could be given is not changed, and ends no look', async () => {
  const step = await firstStep('hard-mount-database', (stdout, line) =>
    line.includes('get persistentvolumes')
      ? stdout.replace('"share":"/mnt/main/immich/postgresql"', '"share":"/mnt/\\u0007"')
      : stdout,
  );
  expect(step).toBe(undefined);
});

it('a pod that is made anew is not taken back, and the step says why', async () => {
  const step = await firstStep('mount-options-old');
  expect(step?.undo).toEqual({ none: expect.stringContaining('its owner starts a new pod') });
});

describe('a pod runs', () => {
  const pod = (image: string, name: string) =>
    Pod.parse({ metadata: { name, namespace: 'a', uid: 'u' }, spec: { containers: [{ name: 'main', image }] } });

  it.each([
    ['docker.io/library/postgres:16', 'db', 'postgres'],
    ['ghcr.io/tensorchord/pgvecto-rs@sha256:00ff', 'ml', 'pgvecto'],
    ['registry.lan:5000/mariadb', 'x', 'mariadb'],
    ['hashicorp/vault:1.15', 'vault-0', 'vault'],
    ['vaultwarden/server:1.30', 'vaultwarden-5f7d', undefined],
    ['redis.example.net/web:1', 'web', undefined],
    ['example/app:1', 'my-redis7', 'redis7'],
  ])('%s in %s: %s', (image, name, database) => {
    expect(databaseIn(pod(image, name))).toBe(database);
  });
});

describe('what time-outs mean is said in seconds', () => {
  it.each([
    [['soft', 'timeo=30', 'retrans=3'], 'timeo=30 is 3 s', 'about 18 to 30 s'],
    [['soft', 'timeo=600'], 'timeo=600 is 60 s', 'about 180 to 360 s'],
    [['hard', 'timeo=600'], 'timeo=600 is 60 s', 'tried again for ever'],
  ])('%j', (options, first, then) => {
    expect(meaningOfTimeouts(options)).toContain(first);
    expect(meaningOfTimeouts(options)).toContain(then);
  });
});

it.each([
  [['immich', 'soft', 'hard'], 'soft and hard exclude each other'],
  [['immich', 'timeo=50,timeo=60'], 'timeo=50 and timeo=60 exclude each other'],
  [['immich', 'remount'], '"remount" is no option that this bot sets'],
  [['immich', 'nfsvers=5'], 'nfsvers takes 3, 4, 4.0, 4.1 or 4.2'],
])('%j is refused in words', (words, says) => {
  const parsed = runbook.params.safeParse(runbook.fromWords(words));
  expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(says);
});
