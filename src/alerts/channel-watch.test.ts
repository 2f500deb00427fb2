import { describe, expect, it } from 'vitest';
import { createChannelWatch } from './channel-watch.ts';
import { toldAlerts } from './slack-text.ts';

const link = 'http://alertmanager:9093/#/alerts?receiver=slack-critical';

function titled(title: string) {
  return { text: '', attachments: [{ title, link }] };
}

describe('a title of Alertmanager', () => {
  it.each([
    ['[CRITICAL] NFSServerUnresponsive (1)', 'NFSServerUnresponsive', 'fires'],
    ['[WARNING] PVFillingUp (12)', 'PVFillingUp', 'fires'],
    ['[INFO] HDDHighWriteRate', 'HDDHighWriteRate', 'fires'],
    ['[RESOLVED] MySQLDown (1)', 'MySQLDown', 'resolved'],
    ['[FIRING:3] NodeFilesystemStale apps (warning)', 'NodeFilesystemStale', 'fires'],
    [':fire: [FIRING:1] MySQLDown', 'MySQLDown', 'fires'],
    [':fire: said [FIRING:1] MySQLDown', undefined, 'fires'],
  ])('%s', (title, name, says) => {
    expect(toldAlerts(titled(title))).toEqual(name === undefined ? [] : [{ name, says, receiver: 'slack-critical' }]);
  });

  it('in the text counts too, and other messages tell of nothing', () => {
    expect(toldAlerts({ text: '[CRITICAL] RedisDown (1)', attachments: [] })).toEqual([{ name: 'RedisDown', says: 'fires' }]);
    expect(toldAlerts(titled('Deployment finished'))).toEqual([]);
    expect(toldAlerts(titled(`[FIRING] ${'<!channel>'}`))).toEqual([]);
  });
});

function stand() {
  const [asked, heardFor, ended]: [unknown[], string[], string[]] = [[], [], []];
  const watch = createChannelWatch({
    channels: ['C0ALERTS'],
    ask: (receiver, names) => void asked.push([receiver, names]),
    heardFor: (receiver) => void heardFor.push(receiver),
    saidToHaveEnded: (names) => void ended.push(...names),
  });
  return { watch, asked, heardFor, ended };
}

describe('a message in a watched channel', () => {
  it('that alerts fire lets Alertmanager be asked for them, and for no others where it does not say for whom it is', () => {
    const { watch, asked, ended, heardFor } = stand();
    expect(watch.heard(titled('[CRITICAL] MySQLDown (2)'))).toBe(true);
    expect(watch.heard(titled('Lunch'))).toBe(false);
    watch.heard({ text: '[CRITICAL] RedisDown (1)\n[FIRING:2] RedisDown', attachments: [] });
    expect(asked).toEqual([
      ['slack-critical', ['MySQLDown']],
      ['', ['RedisDown']],
    ]);
    expect(ended).toEqual([]);
    expect(heardFor).toEqual(['slack-critical']);
  });

  it('that one is resolved ends nothing by itself: whether it is gone is looked for', () => {
    const { watch, asked, ended } = stand();
    expect(watch.heard(titled('[RESOLVED] MySQLDown (1)'))).toBe(true);
    expect(ended).toEqual(['MySQLDown']);
    expect(asked).toEqual([]);
  });
});
