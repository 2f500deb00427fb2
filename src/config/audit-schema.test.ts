import { expect, expectTypeOf, test } from 'vitest';
import { changed, everyOption, exampleText, refusal } from '../../test/example-config.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { ReadEvent } from '../audit/read-event.ts';
import { parseConfig } from './config.ts';

test('the audit trail has a key of its own and no anchor unless the configuration says so', () => {
  expect(parseConfig(exampleText).audit).toEqual({});
  expect(parseConfig(everyOption).audit).toEqual({
    key: { from: 'file', path: '/run/secrets/storagebot/audit-key' },
    anchor: {
      file: '/mnt/log/storagebot.anchors',
      url: 'https://log.example.net/storagebot/anchor',
      token: { from: 'env', name: 'AUDIT_ANCHOR_TOKEN' },
    },
  });
});

test.each([
  [{ key: 'canary-key' }, 'audit.key must be a reference to a secret, not the secret'],
  [{ anchor: {} }, 'audit.anchor must have a file or a url, or be left out'],
  [{ anchor: { file: 'anchors' } }, 'audit.anchor.file must be an absolute path; for example /mnt/log/storagebot.anchors'],
  [{ anchor: { file: '/a', token: 'env:TOKEN' } }, 'audit.anchor.token is sent to the url, and there is none: add url'],
  [{ anchor: { url: 'http://log.example.net/' } }, 'audit.anchor.url must be https: a token goes there'],
])('a wrong setting of the audit trail is named: %j', (audit, says) => {
  const { message } = refusal(
    changed((file) => {
      file.audit = audit;
    }),
  );
  expect(message).toContain(says);
  expect(message).not.toContain('canary');
});

test('plain HTTP is good enough for an anchor on the machine itself', () => {
  const text = changed((file) => {
    file.audit = { anchor: { url: 'http://127.0.0.1:9000/anchor' } };
  });
  expect(parseConfig(text).audit.anchor?.url).toBe('http://127.0.0.1:9000/anchor');
});

test('every event that can be written has a kind that can be read', () => {
  expectTypeOf<AuditEvent['kind']>().toEqualTypeOf<ReadEvent['kind']>();
});
