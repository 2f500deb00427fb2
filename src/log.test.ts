import { expect, test } from 'vitest';
import { createLog } from './log.ts';

const KEY =
  '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\nQyNTUxOQAAACDCANARYcanary\n-----END OPENSSH PRIVATE KEY-----';
const TOKEN = 'xoxb-canary-token+/=';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog({ secrets: () => [KEY, TOKEN], write: (line) => lines.push(line) }));
  return lines.join('');
}

test.each([
  ['in the message', (log: ReturnType<typeof createLog>) => log.info(`token ${TOKEN}`)],
  [
    'in an error and its cause',
    (log: ReturnType<typeof createLog>) => log.error({ error: new Error(`bad ${TOKEN}`, { cause: new Error(KEY) }) }, 'failed'),
  ],
  ['in an unlabelled error', (log: ReturnType<typeof createLog>) => log.error(new Error(`bad ${KEY}`))],
  [
    'deep in an object',
    (log: ReturnType<typeof createLog>) => log.info({ request: { headers: [{ authorization: `Bearer ${TOKEN}` }] } }),
  ],
  ['as a name', (log: ReturnType<typeof createLog>) => log.info({ [TOKEN]: 1 })],
  ['in a child logger', (log: ReturnType<typeof createLog>) => log.child({ token: TOKEN }).info('x')],
  ['inside JSON in a string', (log: ReturnType<typeof createLog>) => log.info({ body: JSON.stringify({ key: KEY }) })],
  ['in a URL', (log: ReturnType<typeof createLog>) => log.info(`https://x/?t=${encodeURIComponent(TOKEN)}`)],
  ['in base64', (log: ReturnType<typeof createLog>) => log.info(Buffer.from(TOKEN).toString('base64'))],
  ['in base64 behind a user', (log: ReturnType<typeof createLog>) => log.info(Buffer.from(`user:${TOKEN}@`).toString('base64'))],
  ['as one line of a key', (log: ReturnType<typeof createLog>) => log.info('near QyNTUxOQAAACDCANARYcanary')],
])('a known secret does not reach the log %s', (_where, write) => {
  const text = logged(write);
  expect(text).toContain('[secret]');
  expect(text).not.toMatch(/canary/i);
  expect(text).not.toContain(Buffer.from(TOKEN).toString('base64'));
});

test('a record stays one line of JSON, whatever the secret is', () => {
  for (const secret of ['"level":', '","time":', 'short', '\\\\\\\\\\\\\\\\']) {
    const lines: string[] = [];
    createLog({ secrets: () => [secret], write: (line) => lines.push(line) }).info({ a: 1 }, 'text');
    expect(JSON.parse(lines.join(''))).toMatchObject({ a: 1 });
  }
});

test('a secret that becomes known later is kept out from then on', () => {
  const lines: string[] = [];
  const secrets: string[] = [];
  const log = createLog({ secrets: () => secrets, write: (line) => lines.push(line) });
  secrets.push('late-secret');
  log.info('late-secret');
  expect(lines.join('')).not.toContain('late-secret');
});

test('what only looks like a secret is kept out too, by its form or by the name of its field', () => {
  const text = logged((log) =>
    log.info({ password: 'hunter2-canary', error: new Error('token=abc-canary'), url: 'https://u:p-canary@host/', user: 'bob' }),
  );
  expect(text).not.toContain('canary');
  expect(JSON.parse(text)).toMatchObject({ password: '[secret]', url: 'https://u:[secret]@host/', user: 'bob' });
});
