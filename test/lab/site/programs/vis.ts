const isControl = (code: number) => code < 0x20 || code === 0x7f;

/** vis(3) as FreeBSD's showmount calls it: what a shell would take apart in octal, other bytes that are not ASCII as `\M-C`. */
export function encodeVis(text: string): string {
  return Array.from(new TextEncoder().encode(text), encodeByte).join('');
}

function encodeByte(byte: number): string {
  const low = byte & 0x7f;
  const letter = String.fromCharCode(low);
  const isAscii = byte === low;
  if (isAscii ? '*?[#"\'$\\\n'.includes(letter) : letter === ' ') return `\\${byte.toString(8).padStart(3, '0')}`;
  if (isAscii && !isControl(low)) return letter;
  return `\\${isAscii ? '' : 'M'}${isControl(low) ? `^${String.fromCharCode(low ^ 0x40)}` : `-${letter}`}`;
}
