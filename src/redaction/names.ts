const SECRET_NAME =
  /(?:password|passwd|passphrase|passcode|pwd|secret|token|authcookie|api[_.-]?key|client[_-]?key[_-]?data|(?:access|secret|private|encryption|signing|master|auth|account|pre-?shared)[_.-]?key|(?:unix|smb|nt|password)[_-]?hash|(?:root|bind|admin)pw|[a-z\d][_.-]pass)(?:[_-](?:in|mutual))?\d{0,3}$/i;
const IN_CAMEL_CASE = /[a-z\d]Pass\d{0,3}$/;
/** The name of an object that holds the secret; and a header that names its token, of which only the end is secret. */
const NO_SECRET = /(?:existing|pull)[_.-]?secret$|^P[VB][ES]APIToken$/i;

/** True where the value of a variable, field, flag or header of this name is a secret: `PGPASSWORD`, `X-Vault-Token`, `apiKey2`. */
export function isSecretName(name: string): boolean {
  const end = name.slice(-100);
  return (SECRET_NAME.test(end) || IN_CAMEL_CASE.test(end)) && !NO_SECRET.test(end);
}

export function isPasswordName(name: string): boolean {
  return /pass|pwd|pw\d*$/i.test(name);
}

const SAYS_NOTHING =
  /^(?:true|false|yes|no|on|off|null|none|nil|undefined|files|compat|required|\*+|<.*|\(\w*\)?|\[(?:secret|redacted)\].*|\$\{[\w.-]+\}|\$\([\w.-]+\)|\{\{.*|(?:env|file|vault):.*)[,;.]?$/is;
/** Longer than any placeholder, so that looking at one costs little. */
const PLACEHOLDER_MAX = 256;

/** True for what stands in a secret's place and is none: a placeholder, a reference, a path, the number of a fencing token. */
export function isPlaceholder(name: string, value: string): boolean {
  if (value.length > PLACEHOLDER_MAX) return false;
  if (value.trim() === '' || SAYS_NOTHING.test(value)) return true;
  return !isPasswordName(name) && (/^\d{1,4}$/.test(value) || /^~?\/(?:[\w.@-]+\/)+[\w.@-]+$/.test(value));
}
