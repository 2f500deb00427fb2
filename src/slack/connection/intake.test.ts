import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Envelope } from './envelope.ts';
import { createIntake } from './intake.ts';

const command = { command: '/storage', text: 'help', trigger_id: 't1' };
const mention = { type: 'event_callback', event_id: 'Ev1', event: { type: 'app_mention' } };
const press = (actionTs: string) => ({
  type: 'block_actions',
  user: { id: 'U1' },
  container: { message_ts: '1.1' },
  actions: [{ action_id: 'storagebot:approve', action_ts: actionTs }],
});

function setUp(process: (envelope: Envelope) => Promise<void>, watchdogMs = 2_500) {
  const lines: string[] = [];
  const write = (_fields: unknown, message: string) => void lines.push(message);
  const acks: unknown[] = [];
  const processed: Envelope[] = [];
  const said: string[] = [];
  const intake = createIntake({
    log: { info: write, warn: write, error: write },
    watchdogMs,
    say: async (_body, text) => void said.push(text),
    process: async (envelope) => {
      processed.push(envelope);
      await process(envelope);
    },
  });
  const send = (id: string, body: Record<string, unknown>) =>
    intake.take({ id, body, ack: async (response) => void acks.push(response) });
  return { intake, lines, acks, processed, said, send };
}

const submission = (trigger: string) => ({ type: 'view_submission', user: { id: 'U1' }, trigger_id: trigger });

const acknowledging = async ({ ack }: Envelope) => ack();

describe('the intake', () => {
  it.each([
    ['the same envelope', 'e1', command],
    ['the same command in a new envelope', 'e2', command],
    ['the same event in a new envelope', 'e2', mention],
    ['the same press in a new envelope', 'e2', press('5.5')],
    ['the same window in a new envelope', 'e2', submission('t5')],
  ])('acknowledges %s again and works on it once', async (_what, id, body) => {
    const { send, acks, processed } = setUp(acknowledging);
    await send('e1', body);
    await send(id, structuredClone(body));
    expect(processed).toHaveLength(1);
    expect(acks).toHaveLength(2);
  });

  it('works on a second press of the same button', async () => {
    const { send, processed } = setUp(acknowledging);
    await send('e1', press('5.5'));
    await send('e2', press('6.6'));
    expect(processed).toHaveLength(2);
  });

  it('answers a command that no listener takes in words', async () => {
    const { send, acks, lines } = setUp(async () => undefined);
    await send('e1', command);
    expect(acks).toEqual([
      { response_type: 'ephemeral', text: expect.stringContaining('I do not know this command') as unknown },
    ]);
    expect(lines).toEqual(['no listener answers this request from Slack']);
  });

  it('acknowledges a button that no listener takes, so that Slack shows no error, and answers in words', async () => {
    const { send, acks, said } = setUp(async () => undefined);
    await send('e1', press('5.5'));
    expect(acks).toEqual([undefined]);
    expect(said).toEqual([expect.stringContaining('I do not know this command, button or window')]);
  });

  it('shows words in the place of a window that no listener takes', async () => {
    const { send, acks, said } = setUp(async () => undefined);
    await send('e1', submission('t1'));
    expect(acks).toMatchObject([{ response_action: 'update', view: { type: 'modal', title: { text: 'storagebot' } } }]);
    expect(JSON.stringify(acks)).toContain('I do not know this command, button or window');
    expect(said).toEqual([]);
  });

  it('says that it still works when a listener is slow, and only once', async () => {
    const { send, acks, lines } = setUp(async ({ ack }) => {
      await sleep(60);
      await ack({ text: 'late' });
    }, 20);
    await send('e1', command);
    expect(acks).toEqual([{ response_type: 'ephemeral', text: expect.stringContaining('Still working') as unknown }]);
    expect(lines).toEqual(['a listener did not acknowledge in time']);
  });

  it('survives a socket that closes before the acknowledgement, and logs it', async () => {
    const { intake, lines } = setUp(acknowledging);
    await intake.take({
      id: 'e1',
      body: command,
      ack: () => Promise.reject(new Error('slack_socket_mode_send_while_not_ready_error')),
    });
    expect(lines).toEqual(['an acknowledgement did not reach Slack']);
  });

  it('refuses in words what comes after its close, and waits for what came before', async () => {
    const { intake, send, acks, processed, said } = setUp(async ({ ack }) => {
      await sleep(50);
      await ack('done');
    });
    const before = send('e1', command);
    intake.close();
    await send('e2', { ...command, trigger_id: 't2' });
    await send('e3', press('7.7'));
    expect(processed).toHaveLength(1);
    expect(await intake.drain(10)).toBe(false);
    expect(await intake.drain(1_000)).toBe(true);
    await before;
    const words = expect.stringContaining('being restarted') as unknown;
    expect(acks).toEqual([{ response_type: 'ephemeral', text: words }, undefined, 'done']);
    expect(said).toEqual([words]);
  });
});
