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
  return [
    ['as it is', secret],
    ['as JSON', JSON.stringify(secret).slice(1, -1)],
    ['URL-encoded', encodeURIComponent(secret)],
    ...[0, 1, 2].map((offset) => [`in base64 at offset ${offset}`, base64Inside(secret, offset)] as const),
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
  ];
}

/** The part of the base64 text that does not depend on what stands before and after the secret. */
function base64Inside(secret: string, offset: number): string {
  const text = Buffer.from(`${'.'.repeat(offset)}${secret}`)
    .toString('base64')
    .replace(/=+$/, '');
  return text.slice(offset === 0 ? 0 : 4, -4);
}
