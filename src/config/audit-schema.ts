import { z } from 'zod';
import { AbsolutePath, Secret } from './fields.ts';
import { safeUrl } from './url.ts';

const Anchor = z
  .strictObject({
    file: AbsolutePath.meta({ example: '/mnt/log/storagebot.anchors' }).exactOptional(),
    url: safeUrl('https://log.example.net/storagebot/anchor').exactOptional(),
    token: Secret.meta({ example: 'env:AUDIT_ANCHOR_TOKEN' }).exactOptional(),
  })
  .refine(({ file, url }) => file !== undefined || url !== undefined, 'must have a file or a url, or be left out')
  .refine(({ url, token }) => token === undefined || url !== undefined, {
    path: ['token'],
    error: 'is sent to the url, and there is none: add url',
  });

/** With which key the audit trail is sealed, and where its head is put so that cutting it shows. */
export const AuditSettings = z.strictObject({
  key: Secret.meta({ example: 'file:/run/secrets/storagebot/audit-key' }).exactOptional(),
  anchor: Anchor.exactOptional(),
});
