import { MARK } from './edits.ts';

/** A form by which a secret is recognised wherever it stands. */
export interface Form {
  /** The form is looked for where one of these words is in the text. */
  readonly hints: readonly string[];
  /**
   * Global. Linear in the text, and no repetition is without a bound: either what follows it cannot fail, or it begins only where no
   * character of its own kind stands before. What a group named `keep` holds stays.
   */
  readonly find: RegExp;
  /** False for what only looks like it. */
  readonly isOne?: (found: string) => boolean;
}

const forms: readonly Form[] = [
  // Slack
  { hints: ['xox'], find: /xox[a-z](?:\.xox[a-z])?-[\w-]{8,16384}/g },
  { hints: ['xapp-'], find: /xapp-[\w-]{8,16384}/g },
  { hints: ['hooks.slack.com'], find: /(?<keep>hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]{8,16384}/g },
  // Vault
  { hints: ['hvs.', 'hvb.', 'hvr.'], find: /hv[sbr]\.[\w-]{16,16384}/g },
  {
    hints: ['s.', 'b.', 'r.'],
    find: /(?:(?<![\w.-])|(?<=\\[nrt]))[sbr]\.[A-Za-z0-9]{24}(?![\w.-])/g,
    isOne: hasBothCases,
  },
  // Proxmox and TrueNAS
  { hints: ['!'], find: /(?<keep>[@%][\w.-]{1,40}(?:!|%21)[\w.-]{1,64}(?:=|:|%3D) ?)[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi },
  { hints: ['APIToken'], find: /(?<keep>P[VB][ES]APIToken[=:][^\s=!:]{1,80}![\w.-]{1,64}[=:])[^\s"'\\]{8,1000}/g },
  {
    hints: ['PVE:', 'PVE%3A', 'PBS:'],
    find: /(?<keep>(?:PVE|PBS)(?::|%3A)[\w.-]{1,64}(?:@|%40)[\w.-]{1,40}(?::|%3A))[\dA-F]{8}[\w:+/=%-]{16,16384}/g,
  },
  { hints: ['-'], find: /(?:(?<![\w-])|(?<=\\[nrt]))\d{1,5}-[A-Za-z0-9]{64}(?![\w-])/g, isOne: hasBothCases },
  // Clouds and forges
  { hints: ['AKIA', 'ASIA', 'AGPA', 'AROA'], find: /(?<![A-Z\d])(?:AKIA|ASIA|AGPA|AROA)[A-Z\d]{16}(?![A-Z\d])/g },
  { hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], find: /gh[pousr]_[A-Za-z\d]{30,16384}/g },
  { hints: ['github_pat_'], find: /github_pat_\w{22,16384}/g },
  { hints: ['gl'], find: /(?:(?<![\w-])|(?<=\\[nrt]))gl(?:pat|ptt|dt|rt|ft|cbt|imt|agent|soat|oas)-[\w.-]{20,16384}/g },
  { hints: ['AIza', 'ya29.', 'GOCSPX-'], find: /AIza[\w-]{35}|ya29\.[\w.-]{20,16384}|GOCSPX-[\w-]{20,16384}/g },
  { hints: ['npm_', 'glsa_', 'tskey-', 'dckr_pat_'], find: /(?:npm_|glsa_|tskey-|dckr_pat_)[\w-]{20,16384}/g },
  { hints: ['AGE-SECRET-KEY-'], find: /AGE-SECRET-KEY-[A-Z\d]{20,16384}/g },
  // Anywhere
  {
    hints: ['.eyJ'],
    find: /(?:(?<![\w-])|(?<=\\[nrt]))[\w-]{15,16384}\.eyJ[\w-]{8,16384}(?:\.[\w-]*){0,3}/g,
    isOne: (found) => found.slice(0, found.indexOf('.')).includes('eyJ'),
  },
  { hints: ['LS0tLS1CRUdJTi'], find: /LS0tLS1CRUdJTi[\w+/=-]{20,16384}/g, isOne: isPrivateKeyInBase64 },
  { hints: ['$'], find: /\$(?:1|5|6|7|y|gy|2[abxy]|apr1|argon2(?:id?|d)|pbkdf2[\w-]{0,20})\$[\w./$=,+-]{20,16384}/g },
  {
    hints: ['://'],
    find: /(?<keep>:\/\/[^\s/?#"'\\<>:@]{0,100}:)[^\s/?#"'\\<>]{1,1000}(?=@)/g,
    isOne: (found) => found !== MARK,
  },
  { hints: ['://'], find: /(?<keep>:\/\/)[\w-]{20,200}(?=@)/g },
];

const headers: readonly Form[] = [
  {
    hints: ['uthorization', 'UTHORIZATION'],
    find: /(?<keep>authorization\\{0,15}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,15}["']?)(?:(?:bearer|basic|token|digest|negotiate|ntlm|apikey|aws4-hmac-sha256)[ \t][^\r\n"'\\]{4,16384}|[^\s"'\\]{16,16384})/gi,
    isOne: (found) => !found.startsWith(MARK),
  },
  {
    hints: ['earer', 'EARER'],
    find: /(?<keep>\bbearer[ \t]{1,4})(?!realm)[\w.~+/-]{8,16384}={0,2}/gi,
    isOne: (found) => /\d/.test(found) || found.length >= 24,
  },
  { hints: ['asic', 'ASIC'], find: /(?<keep>\bbasic[ \t]{1,4})[A-Za-z\d+/]{8,16384}={0,2}/gi, isOne: isUserAndPassword },
  { hints: ['ookie:', 'OOKIE:'], find: /(?<keep>\b(?:set-)?cookie:[ \t]{0,4})[\w.-]{1,100}=[^\r\n"'\\]{8,16384}/gi },
];

/** Replaces whatever has the form of a token, a key, a hash of a password, or the password of a URL. */
export function cleanTokens(text: string): string {
  return [...headers, ...forms].reduce(cleanForm, text);
}

export function cleanForm(text: string, { hints, find, isOne = () => true }: Form): string {
  if (!hints.some((hint) => text.includes(hint))) return text;
  return text.replace(find, (found: string, ...more: unknown[]) => {
    const keep = keptOf(more.at(-1));
    return isOne(found.slice(keep.length)) ? keep + MARK : found;
  });
}

function keptOf(groups: unknown): string {
  const keep = typeof groups === 'object' && groups !== null && 'keep' in groups ? groups.keep : '';
  return typeof keep === 'string' ? keep : '';
}

function hasBothCases(found: string): boolean {
  return /[a-z].*[A-Z]|[A-Z].*[a-z]/.test(found.slice(2));
}

function isPrivateKeyInBase64(found: string): boolean {
  return Buffer.from(found, 'base64').toString('latin1').includes('PRIVATE KEY');
}

function isUserAndPassword(found: string): boolean {
  return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(found, 'base64').toString('latin1'));
}
