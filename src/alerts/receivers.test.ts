import { expect, test } from 'vitest';
import { createReceivers } from './receivers.ts';

function memory() {
  const known = new Map<string, unknown>();
  return { remember: (name: string, value: unknown) => void known.set(name, value), recall: (name: string) => known.get(name) };
}

const log = { warn: () => undefined };

test('a receiver for which a notification was heard is one of the bot, also after a restart', () => {
  const remembered = memory();
  const before = createReceivers({ memory: remembered, log });
  expect(before.areKnown()).toBe(false);
  before.heard('storagebot');
  const { isOwn, areKnown } = createReceivers({ memory: remembered, log });
  expect([areKnown(), isOwn('storagebot'), isOwn('null')]).toEqual([true, true, false]);
});

test('what the bot tells itself is for no receiver', () => {
  const receivers = createReceivers({ memory: memory(), log });
  receivers.heard('');
  expect(receivers.areKnown()).toBe(false);
});

test('a full disk does not keep it from being known now', () => {
  const full = () => {
    throw new Error('database or disk is full');
  };
  const warned: string[] = [];
  const receivers = createReceivers({
    memory: { ...memory(), remember: full },
    log: { warn: (_fields, message) => void warned.push(message) },
  });
  receivers.heard('storagebot');
  expect(receivers.isOwn('storagebot')).toBe(true);
  expect(warned).toHaveLength(1);
});
