import { createHash } from 'node:crypto';

/** A secret, and the name that a failing test calls it by. */
export interface Canary {
  readonly name: string;
  readonly secret: string;
}

/** Something that left the process. */
export interface Exit {
  readonly name: string;
  readonly content: string | Buffer;
}

/** Which secret is where, in which form; a secret itself is never named. */
export function canariesIn(exits: readonly Exit[], canaries: readonly Canary[]): readonly string[] {
  return exits.flatMap(({ name: exit, content }) => {
    const bytes = Buffer.from(content);
    return canaries.flatMap(({ name, secret }) =>
      formsOf(secret).flatMap(([form, text]) => (bytes.includes(text) ? [`${name}, ${form}, in ${exit}`] : [])),
    );
  });
}

/** A line of a private key gives it away as the whole does. */
export function keyCanaries(name: string, privateKey: string): readonly Canary[] {
  const lines = privateKey.split('\n').filter((line) => !line.startsWith('-----') && line.length > 16);
  // What every OpenSSH key begins with is no secret.
  return lines.slice(1).map((secret, index) => ({ name: `${name}, line ${index + 2}`, secret }));
}

function formsOf(secret: string): readonly (readonly [form: string, text: string])[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [
    ['as it is', secret],
    ['as JSON', json],
    ['as JSON in JSON', JSON.stringify(json).slice(1, -1)],
    ['as Slack escapes it', secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
    ['URL-encoded', encodeURIComponent(secret)],
    ...[0, 1, 2].map((offset) => [`in base64 at offset ${offset}`, base64Inside(secret, offset)] as const),
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
  ] as const;
  // A form that is the same as one before it would be found twice.
  return forms.filter(([, text], index) => forms.findIndex(([, other]) => other === text) === index);
}

/** The part of the base64 text that does not depend on what stands before and after the secret. */
function base64Inside(secret: string, offset: number): string {
  const text = Buffer.from(`${'.'.repeat(offset)}${secret}`)
    .toString('base64')
    .replace(/=+$/, '');
  return text.slice(offset === 0 ? 0 : 4, -4);
}

/** Every form in which the bot must know its own secrets again, as a careless program prints them. */
export function everyForm({ secret }: Canary): string {
  const base64 = ['', 'u', 'u:'].map((before) => Buffer.from(`${before}${secret}@host`).toString('base64'));
  const hexadecimal = Buffer.from(secret).toString('hex');
  return [secret, JSON.stringify(JSON.stringify(secret)), encodeURIComponent(secret), ...base64, hexadecimal].join(' ');
}

/** A token of Vault that nobody else types or prints. */
function tokenTypedAs(name: string): Canary {
  return { name: `the token in ${name}`, secret: `hvs.${createHash('sha256').update(name).digest('base64url').slice(0, 24)}` };
}

/** What people type by mistake: each place has a token of its own. */
export const TYPED = {
  command: tokenTypedAs('a command'),
  mention: tokenTypedAs('a mention'),
  denial: tokenTypedAs('the reason of a denial'),
  cancellation: tokenTypedAs('the reason of a cancellation'),
  takeOver: tokenTypedAs('the reason of a take-over'),
  freeze: tokenTypedAs('the reason of a freeze'),
  unfreeze: tokenTypedAs('the reason of an unfreeze'),
  freezeInTerminal: tokenTypedAs('the reason of a freeze in a terminal'),
  argument: tokenTypedAs('an argument in a terminal'),
  name: tokenTypedAs('the name of a user'),
  refusal: tokenTypedAs('an error of Slack'),
} as const;

/** A secret of somebody else, and the words in which a careless program prints it. */
export interface ForeignCanary extends Canary {
  readonly said: string;
}

function foreign(name: string, secret: string, say: (secret: string) => string): ForeignCanary {
  return { name, secret, said: say(secret) };
}

/** Over two lines, as keys are. */
function pem(secret: string): string {
  return `-----BEGIN PRIVATE KEY-----\n${secret}\n${secret}\n-----END PRIVATE KEY-----`;
}

/** Secrets that the bot cannot know: it recognises them by their form or by their place. */
export const FOREIGN: readonly ForeignCanary[] = [
  foreign('a password in the environment', 'CANARY-of-the-environment', (secret) => `PGPASSWORD=${secret}`),
  foreign('a password in an argument', 'CANARY-of-an-argument', (secret) => `--password ${secret}`),
  foreign('a password of CHAP', 'CANARY-of-chap', (secret) => `node.session.auth.password = ${secret}`),
  foreign('a password in a URL', 'CANARY-of-a-url', (secret) => `postgres://immich:${secret}@db/immich`),
  foreign('a token of Vault', 'hvs.CANARYcanary0123456789', (secret) => secret),
  foreign('a token in a header', 'CANARY.header-1', (secret) => `Authorization: Bearer ${secret}`),
  foreign('a token of Proxmox', '0c0ffee0-cafe-4bad-8bad-c0ffee0cafe0', (secret) => `PVEAPIToken=root@pam!bot=${secret}`),
  foreign('a key of TrueNAS', `3-${'cAnArY09'.repeat(8)}`, (secret) => secret),
  foreign('a private key', 'CANARYcanaryCANARYcanaryCANARY', pem),
  foreign('a text of a Secret', 'CANARY-of-a-secret', (secret) => JSON.stringify({ kind: 'Secret', stringData: { a: secret } })),
  foreign('bytes of a Secret', 'CANARY-in-a-secret', (secret) =>
    JSON.stringify({ data: { a: Buffer.from(secret).toString('base64') }, kind: 'Secret' }),
  ),
];

/** The same on a line each, as programs print them, and once more as a log quotes them. */
export const FOREIGN_WORDS = [
  ...FOREIGN.map(({ said }) => said),
  ...FOREIGN.map(({ said }) => `msg=${JSON.stringify(said)}`),
].join('\n');
