import { z } from 'zod';
import { AbsolutePath, Secret } from './fields.ts';

const ApiUrl = z
  .url({ protocol: /^https$/, error: 'must be an https:// address', abort: true })
  .refine((text) => new URL(text).username + new URL(text).password === '', 'must have no user and password in it')
  .refine((text) => `${new URL(text).origin}/` === new URL(text).href, 'must be the address and the port, and nothing after them')
  .meta({ example: 'https://192.168.1.127:8006' });

const Fingerprint = z
  .string()
  .regex(/^([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$/, 'must be the SHA-256 of the certificate, as pvenode cert info prints it')
  .meta({ example: '0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9:0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9' });

const Token = z.strictObject({
  tokenId: z
    .string()
    .regex(/^[^\s:/!@]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]*$/, 'must be the name of an API token: user@realm!token')
    .meta({ example: 'storagebot@pve!read' }),
  secret: Secret.meta({ example: 'file:/run/secrets/storagebot/proxmox-read' }),
});

const Node = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/, 'must be the name of a node of Proxmox')
  .meta({ example: 'pve' });

/** The API of Proxmox VE: two tokens, for looking and for changing. */
export const ProxmoxSettings = z
  .strictObject({
    url: ApiUrl,
    node: Node,
    ca: AbsolutePath.meta({ example: '/etc/storagebot/pve-root-ca.pem' }).exactOptional(),
    fingerprint: Fingerprint.exactOptional(),
    read: Token,
    change: Token,
  })
  .refine(({ ca, fingerprint }) => (ca === undefined) !== (fingerprint === undefined), {
    error: 'must have either ca or fingerprint: without it, anything that answers there would be trusted',
  })
  .refine(({ read, change }) => read.tokenId !== change.tokenId, {
    path: ['change'],
    error: 'must be another token than read: what only looks must not be able to change anything',
  })
  .transform(({ ca, fingerprint, ...api }, checks) => {
    if (ca !== undefined) return { ...api, trust: { ca } };
    if (fingerprint !== undefined) return { ...api, trust: { fingerprint } };
    checks.issues.push({ code: 'custom', message: 'must have either ca or fingerprint', input: undefined });
    return z.NEVER;
  });
