const ENCODED = /\\(?:(?<octal>[0-7]{3})|(?<meta>M)?(?:(?<=M)-(?<plain>.)|\^(?<control>.))|(?<backslash>\\))|(?<rest>[^\\]+)/gsu;

/** A text that FreeBSD's vis(3) encoded: `\040`, `\M-C`, `\^A` and so on are bytes of UTF-8. */
export function decodeVis(text: string): string {
  if (!text.includes('\\')) return text;
  const parts = [...text.matchAll(ENCODED)];
  if (parts.reduce((length, [part]) => length + part.length, 0) !== text.length) throw new Error(`not encoded by vis: ${text}`);
  return new TextDecoder().decode(new Uint8Array(parts.flatMap(({ groups }) => bytesOf(groups ?? {}))));
}

function bytesOf({ octal, meta, plain, control, backslash, rest }: Readonly<Record<string, string | undefined>>): number[] {
  if (octal !== undefined) return [Number.parseInt(octal, 8)];
  const [code] = new TextEncoder().encode(plain ?? control ?? backslash ?? '');
  if (code === undefined) return [...new TextEncoder().encode(rest ?? '')];
  const low = control === undefined ? code : code ^ 0x40;
  return [meta === undefined ? low : low | 0x80];
}
