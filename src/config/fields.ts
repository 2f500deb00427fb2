import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { DEFAULT_MOUNT_OPTIONS, problemWith } from '../commands/mount-options.ts';

/** Where a secret is kept. The configuration holds this and never the secret. */
export type SecretRef =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'vault'; readonly path: string; readonly key: string };

const LITERAL_SECRET =
  'must be a reference to a secret, not the secret: this file is copied, committed and pasted. ' +
  'Write env:NAME, file:/path or vault:path#key; if a real secret stood here, replace it where it was issued';

export const Secret = z
  .string()
  .transform((text, context): SecretRef => {
    const ref = secretRefOf(text);
    if (ref !== undefined) return ref;
    // Without its input: an issue must not carry what may be a secret.
    context.issues.push({ code: 'custom', message: LITERAL_SECRET, input: undefined });
    return z.NEVER;
  })
  .meta({ example: 'file:/run/secrets/storagebot/ssh-read' });

/** The token for Vault itself cannot come out of Vault. */
export const SecretOutsideVault = Secret.refine(({ from }) => from !== 'vault', {
  error: 'cannot be kept in Vault: it is what opens Vault. Write env:NAME or file:/path',
}).meta({ example: 'file:/run/secrets/storagebot/vault-token' });

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time; read as milliseconds. */
export const Duration = z
  .string()
  .regex(/^[1-9]\d{0,5}(ms|s|m|h|d)$/, 'must be a whole number and its unit: ms, s, m, h or d')
  .transform((text) => Number.parseInt(text, 10) * (MILLISECONDS[text.replace(/^\d+/, '')] ?? Number.NaN))
  .meta({ example: '30m' });

export const AbsolutePath = z.string().refine(isAbsolute, 'must be an absolute path').meta({ example: '/var/lib/storagebot' });

export const Port = z
  .int('must be a port number from 1 to 65535')
  .min(1, 'must be a port number from 1 to 65535')
  .max(65_535, 'must be a port number from 1 to 65535')
  .meta({ example: 22 });

const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

export const Address = z
  .string()
  .refine((text) => isIP(text) !== 0 || DNS_NAME.test(text), 'must be an IP address or a DNS name')
  .meta({ example: '10.0.10.15' });

export const IpAddress = z
  .string()
  .refine((text) => isIP(text) !== 0, 'must be an IP address')
  .meta({ example: '127.0.0.1' });

/** What volumes are mounted with, held to the same rules as the words of a command. */
export const MountOptions = z
  .array(z.string())
  .min(1, 'must have at least one option; leave it out for the usual ones')
  .superRefine((options, checks) => {
    const message = problemWith(options);
    if (message !== undefined) checks.issues.push({ code: 'custom', message, input: options });
  })
  .meta({ example: [...DEFAULT_MOUNT_OPTIONS] });

export const Network = z.union([z.cidrv4(), z.cidrv6()], 'must be a network in CIDR form').meta({ example: '10.0.20.0/24' });

/** What `ssh-keygen -l` prints of a host's public key. */
export const HostKey = z
  .string('must be the fingerprint of a public host key')
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'must be SHA256: and 43 characters, as ssh-keygen -lf prints it')
  .meta({ example: 'SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM' });

/** At least one; several while a host's key is being replaced, or one for each type of key. */
export const HostKeys = z
  .array(HostKey)
  .min(1, 'must name at least one host key: without it, anything that answers at that address would be trusted')
  .meta({ example: ['SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM'] });

/** What `targetOf` calls the targets that are no machines. */
const NOT_MACHINES: readonly string[] = ['cluster', 'proxmox', 'prometheus', 'alertmanager'];

/** A key of `hosts`, or the name of a node: what commands and people call a machine. */
export const HostName = z
  .string()
  .regex(DNS_NAME, 'must be a DNS name')
  .refine(
    (name) => !NOT_MACHINES.includes(name),
    'cannot be the name of a machine here: in the lines of commands it means what is not reached by SSH',
  )
  .meta({ example: 'truenas' });

export const UserName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be the name of a Unix user')
  .meta({ example: 'storagebot' });

export const Approver = z
  .string()
  .regex(
    /^([UWS][A-Z0-9]{6,}|cli:[a-z_][a-z0-9_-]{0,31})$/,
    'must be the id (not the name) of a Slack user (U…) or user group (S…), or cli: and a local user',
  )
  .meta({ example: 'U012AB3CDEF' });

/** One person, no group. */
export const Person = z
  .string()
  .regex(
    /^([UW][A-Z0-9]{6,}|cli:[a-z_][a-z0-9_-]{0,31})$/,
    'must be the id (not the name) of a Slack user (U…), or cli: and a local user',
  )
  .meta({ example: 'U012AB3CDEF' });

export const SlackChannel = z
  .string()
  .regex(/^[CG][A-Z0-9]{6,}$/, 'must be the id of a channel (C…), not its name')
  .meta({ example: 'C012AB3CD' });

export const Vmid = z
  .int('must be the number of a virtual machine')
  .min(100, 'must be the number of a virtual machine, 100 or more')
  .meta({ example: 9000 });

function secretRefOf(text: string): SecretRef | undefined {
  const [, from, rest = ''] = /^(env|file|vault):(.+)$/s.exec(text) ?? [];
  if (from === 'env' && /^[A-Za-z_]\w*$/.test(rest)) return { from, name: rest };
  if (from === 'file' && isAbsolute(rest)) return { from, path: rest };
  const [, path, key] = /^([\w\-./]+)#([\w\-.]+)$/.exec(rest) ?? [];
  if (from === 'vault' && path !== undefined && key !== undefined) return { from, path, key };
  return undefined;
}

/** The reference as it is written in the configuration. */
export function showSecretRef(ref: SecretRef): string {
  if (ref.from === 'env') return `env:${ref.name}`;
  return ref.from === 'file' ? `file:${ref.path}` : `vault:${ref.path}#${ref.key}`;
}
